import { expect, test } from 'vitest'
import { bareLoop, chooseEntrants, entrants, idOf, orderOfRound } from './entrants.ts'

test('everybody takes part where nobody is named', () => {
  expect(chooseEntrants([])).toEqual(entrants)
  expect(entrants.map(idOf)).toEqual([
    'tidewatch/AtLeastOnce/1', 'kafka-streams/AtLeastOnce/1', 'flink/AtLeastOnce/1',
    'tidewatch/ExactlyOnce/1', 'kafka-streams/ExactlyOnce/1', 'flink/ExactlyOnce/1',
    'tidewatch/AtLeastOnce/2', 'kafka-streams/AtLeastOnce/2', 'flink/AtLeastOnce/2',
    'tidewatch/ExactlyOnce/2', 'kafka-streams/ExactlyOnce/2', 'flink/ExactlyOnce/2',
    'bare-loop/None/1', 'river/AtLeastOnce/1',
  ])
})

test('a name stands for all its forms, a longer one for some, and the order of a round stays', () => {
  expect(chooseEntrants(['river', 'flink/ExactlyOnce', 'tidewatch/AtLeastOnce/2']).map(idOf)).toEqual(['flink/ExactlyOnce/1', 'tidewatch/AtLeastOnce/2', 'flink/ExactlyOnce/2', 'river/AtLeastOnce/1'])
})

test.each(['spark', 'flin', 'flink/Exactly', 'river/ExactlyOnce', ''])('"%s" is nobody', (name) => {
  expect(() => chooseEntrants([name])).toThrow(
    `There is no contender "${name}": name tidewatch, kafka-streams, flink, river, bare-loop, or one of them with its guarantee and workers, such as kafka-streams/AtLeastOnce/1`,
  )
})

test('every other round goes the other way, and leaves the list as it is', () => {
  const list = ['a', 'b', 'c']
  expect([1, 2, 3].map((round) => orderOfRound(list, round).join(''))).toEqual(['abc', 'cba', 'abc'])
  expect(list).toEqual(['a', 'b', 'c'])
})

test('who reads the topic before the rounds is one of them', () => {
  expect(idOf(bareLoop)).toBe('bare-loop/None/1')
})
