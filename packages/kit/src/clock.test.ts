import { expect, test } from 'vitest'
import { FakeClock, systemClock } from './clock.ts'

test('a fake clock wakes sleepers in the order of their deadlines', async () => {
  const clock = new FakeClock(1_000)
  const woken: string[] = []
  const sleepers = [clock.sleep(200).then(() => woken.push('late')), clock.sleep(100).then(() => woken.push('early'))]
  clock.advance(50)
  await Promise.resolve()
  expect(woken).toEqual([])
  clock.advance(200)
  await Promise.all(sleepers)
  expect(woken).toEqual(['early', 'late'])
  expect(clock.now()).toBe(1_250)
})

test.each([
  ['the fake clock', new FakeClock()],
  ['the system clock', systemClock],
])('a signal ends a sleep on %s', async (_, clock) => {
  const abort = new AbortController()
  const sleep = clock.sleep(1e9, abort.signal)
  abort.abort()
  await sleep
  await clock.sleep(1e9, abort.signal)
  expect(abort.signal.aborted).toBe(true)
})
