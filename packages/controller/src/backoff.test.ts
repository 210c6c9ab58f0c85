import { mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('without jitter pauses double from 5 s and stop at 5 min', () => {
  const backoff = new Backoff()
  expect(Array.from({ length: 8 }, () => backoff.next('a') / 1000)).toEqual([5, 10, 20, 40, 80, 160, 300, 300])
})

test('keys are counted apart, and a reset begins again', () => {
  const backoff = new Backoff({ baseMs: 100 })
  backoff.next('a')
  backoff.next('a')
  expect([backoff.next('a'), backoff.next('b'), backoff.failures('a')]).toEqual([400, 100, 3])
  backoff.reset('a')
  expect([backoff.failures('a'), backoff.next('a')]).toEqual([0, 100])
})

test('with jitter a pause is within a tenth of its bound and the bound, however many failures', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 200 }), (seed, failures) => {
      const backoff = new Backoff({ baseMs: 1000, maxMs: 60_000, random: mulberry32(seed) })
      for (let i = 0; i < failures; i++) {
        const boundMs = Math.min(60_000, 1000 * 2 ** i)
        const delayMs = backoff.next('a')
        expect(delayMs).toBeGreaterThanOrEqual(boundMs / 10)
        expect(delayMs).toBeLessThanOrEqual(boundMs)
      }
    }),
  )
})
