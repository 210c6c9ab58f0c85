import { expect, test } from 'vitest'
import { ReadAhead } from './read-ahead.ts'

const all = () => false
const aBatch = (name: string, partition: number, bytes: number) => ({ name, partition, bytes })

test('takes what fits, and gives it back in order', () => {
  const ahead = new ReadAhead<ReturnType<typeof aBatch>>(10)
  expect([ahead.add(aBatch('a', 0, 6)), ahead.add(aBatch('b', 1, 5)), ahead.add(aBatch('c', 1, 4)), ahead.add(aBatch('d', 0, 1))]).toEqual([true, false, true, false])
  expect(ahead.take(all)?.name).toBe('a')
  expect(ahead.add(aBatch('e', 0, 6))).toBe(true)
  expect([ahead.take(all)?.name, ahead.take(all)?.name, ahead.take(all)]).toEqual(['c', 'e', undefined])
})

test('one that is larger than all the room is never taken in', () => {
  expect(new ReadAhead(10).add(aBatch('a', 0, 11))).toBe(false)
})

test('what is paused stays where it is, keeps its room, and comes in its order afterwards', () => {
  const ahead = new ReadAhead<ReturnType<typeof aBatch>>(4)
  for (const [i, partition] of [0, 1, 0, 1].entries()) ahead.add(aBatch(`${partition}/${i}`, partition, 1))
  const first = (partition: number) => partition === 0
  expect([ahead.take(first)?.name, ahead.take(first)?.name, ahead.take(first)]).toEqual(['1/1', '1/3', undefined])
  expect([ahead.add(aBatch('1/4', 1, 3)), ahead.add(aBatch('1/5', 1, 2))]).toEqual([false, true])
  expect([ahead.take(all)?.name, ahead.take(all)?.name, ahead.take(all)?.name]).toEqual(['0/0', '0/2', '1/5'])
})

test('nothing is left after it was cleared', () => {
  const ahead = new ReadAhead<ReturnType<typeof aBatch>>(4)
  ahead.add(aBatch('a', 0, 4))
  ahead.clear()
  expect([ahead.take(all), ahead.add(aBatch('b', 0, 4))]).toEqual([undefined, true])
})
