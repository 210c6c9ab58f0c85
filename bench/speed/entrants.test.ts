import { expect, test } from 'vitest'
import { chooseEntrants, entrants, idOf } from './entrants.ts'

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
