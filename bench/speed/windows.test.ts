import { expect, test } from 'vitest'
import { ExpectedWindows, windowKey } from './expected-windows.ts'
import { planRun } from './plan.ts'
import { WindowCheck } from './window-check.ts'

const plan = planRun({ readings: 90, devices: 1, intervalMs: 1_000, sizeMs: 60_000, slideMs: 10_000, latenessMs: 2_000 }, Date.parse('2026-03-04T05:06:07Z'))
const endMs = plan.lastEndMs

/** One device that reads once a second, the second's number modulo 10; the last two windows are expected. */
function expectWindows(): Map<string, Float64Array> {
  const windows = new ExpectedWindows(plan)
  for (let second = 0; second < 90; second++) windows.add('a', plan.startMs + second * 1_000, second % 10)
  return windows.compute()
}

const features = { mean: 4.5, stddev: Math.sqrt(495 / 59), min: 0, max: 9, count: 60, range: 9 }
const record = (changes: object = {}) => JSON.stringify({ sensor_id: 'a', metric: 't', window_end: endMs, features, ...changes })
const earlier = record({ window_end: new Date(endMs - 10_000).toISOString() })

function check(...records: string[]): number {
  const windows = new WindowCheck('flink/AtLeastOnce/1', expectWindows())
  for (const one of records) windows.add(one)
  return windows.finish()
}

test('windows begin behind those that are learned and end with the readings', () => {
  const windows = expectWindows()
  expect([...windows.keys()]).toEqual([windowKey('a', endMs - 10_000), windowKey('a', endMs)])
  expect([...windows.get(windowKey('a', endMs))!]).toEqual([4.5, expect.closeTo(features.stddev, 12), 0, 9, 60, 9])
})

test('a single reading spreads by nothing, and a device that is silent has no window', () => {
  const windows = new ExpectedWindows(plan)
  windows.add('b', plan.firstWindowMs, 7)
  expect([...windows.compute()]).toEqual([[windowKey('b', endMs - 10_000), Float64Array.of(7, 0, 7, 7, 1, 0)]])
})

test('the right windows are counted, with moments in either form and in any order', () => {
  expect(check(record(), earlier)).toBe(2)
})

test('rounding of the last digits is no difference', () => {
  expect(check(earlier, record({ features: { ...features, mean: 4.5 + 4e-9 } }))).toBe(2)
})

const name = `a until ${new Date(endMs).toISOString()}`
const begin = 'flink/AtLeastOnce/1 wrote something else than the readings come to'
test.each([
  ['an aggregate that is off', [earlier, record({ features: { ...features, stddev: 2.9 } })], `1 differences: stddev of ${name} is 2.9 and not 2.896`],
  ['an aggregate that is not there', [earlier, record({ features: { ...features, range: undefined } })], `1 differences: range of ${name} is undefined and not 9`],
  ['a window that is not there', [record()], `1 differences: 1 of 2 windows are missing, the first is a ${endMs - 10_000}`],
  ['a window twice', [earlier, record(), record()], `1 differences: ${name} was written twice`],
  ['a window too many', [earlier, record(), record({ sensor_id: 'b' })], `1 differences: b until ${new Date(endMs).toISOString()} is no window of the readings`],
])('%s is told', (_, records, message) => {
  expect(() => check(...records)).toThrow(`${begin}, ${message}`)
})
