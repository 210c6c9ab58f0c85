import { expect, test } from 'vitest'
import { Interruption } from './interruption.ts'

test('the first press stops in order, the same press passed on is ignored, a later one kills', () => {
  let nowMs = 0
  let kills = 0
  const interruption = new Interruption(() => kills++, () => nowMs)
  const press = (atMs: number) => {
    nowMs = atMs
    interruption.press()
    return [interruption.signal.aborted, kills]
  }
  expect(interruption.signal.aborted).toBe(false)
  expect([press(100), press(900), press(1_100), press(1_101)]).toEqual([[true, 0], [true, 0], [true, 0], [true, 1]])
})
