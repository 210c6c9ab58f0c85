import { expect, test } from 'vitest'
import { judgeSeries } from './judge-series.ts'
import { baselineContender } from './baselines.ts'
import type { Series } from './contender.ts'

const series = (values: readonly number[], training = 0): Series => ({
  name: 's',
  columns: ['value'],
  rows: values.map((value) => Float64Array.of(value)),
  timesMs: Float64Array.from(values, (_, i) => i * 1_000),
  training,
})
const steps = Array.from({ length: 60 }, (_, i) => i % 2)

test('rows are scored before they are learned, warm-up and training unjudged, and what is flagged teaches little', () => {
  const log: string[] = []
  const model = {
    score: (x: Float64Array) => (x[0] === 3 ? undefined : { value: x[0]! }),
    learn: (x: Float64Array, weight: number) => void log.push(`learned ${x[0]!} ${weight}`),
  }
  const threshold = { limit: () => 4, observe: (score: number) => void log.push(`observed ${score}`) }
  const { scores, flags } = judgeSeries(series([1, 2, 3, 4, 5]), model, threshold, 1)
  expect([...scores]).toEqual([NaN, 2, NaN, 4, 5])
  expect([...flags!]).toEqual([0, 0, 0, 0, 1])
  expect(log).toEqual(['learned 1 1', 'observed 2', 'learned 2 1', 'learned 3 1', 'observed 4', 'learned 4 1', 'observed 5', 'learned 5 0.1'])
})

test('rows given for training are all that is learned', () => {
  const learned: number[] = []
  const model = { score: (x: Float64Array) => ({ value: x[0]! }), learn: (x: Float64Array) => void learned.push(x[0]!) }
  const { scores } = judgeSeries(series([1, 2, 3, 4, 5], 2), model, { limit: () => 4, observe: () => {} }, 4)
  expect([...scores]).toEqual([NaN, NaN, 3, 4, 5])
  expect(learned).toEqual([1, 2])
})

test('a threshold that is not ready flags nothing', () => {
  const model = { score: () => ({ value: 9 }), learn: () => {} }
  expect([...judgeSeries(series([1, 2]), model, { limit: () => undefined, observe: () => {} }, 0).flags!]).toEqual([0, 0])
})

test('always flags every row that it judges', async () => {
  const { flags } = await baselineContender('always').score(series(steps, 50))
  expect([...flags!]).toEqual(steps.map((_, i) => (i < 50 ? 0 : 1)))
})

test('random says the same of the same series, and flags one row in a hundred', async () => {
  const long = series(Array.from({ length: 20_030 }, () => 0))
  const [first, second] = [await baselineContender('random').score(long), await baselineContender('random').score(long)]
  expect(first).toEqual(second)
  const flagged = first.flags!.reduce((sum, flag) => sum + flag, 0)
  expect(flagged).toBeGreaterThan(150)
  expect(flagged).toBeLessThan(250)
})

test('the last value is expected to stay: its score is the step in usual steps', async () => {
  const { scores, flags } = await baselineContender('lastValue').score(series([...steps, 10.5]))
  expect(scores[59]).toBeCloseTo(1 / 5, 12)
  expect(scores[60]).toBeCloseTo(9.5 / 5, 12)
  expect(flags![60]).toBe(1)
})

test('any step of a column that never moved is beyond all measure, and no step scores 0', async () => {
  const { scores } = await baselineContender('lastValue').score(series([...Array.from({ length: 40 }, () => 7), 7, 8]))
  expect(scores[40]).toBe(0)
  expect(scores[41]).toBe(1e9)
})
