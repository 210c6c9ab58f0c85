import { expect, test } from 'vitest'
import type { SeriesModel } from '../judge-series.ts'
import { measureBytes, measureMicroseconds } from './measure.ts'

/** Three keys, the third with a window more than the others. */
const keys = [10, 20, 30].map((from, key) => Array.from({ length: key === 2 ? 6 : 5 }, (_, row) => Float64Array.of(from + row)))

test('models learn their warm-up unmeasured, and then score and learn in turn', () => {
  const calls: string[] = []
  const told = (key: number): SeriesModel => ({
    score: ([x]) => ({ value: calls.push(`${key} score ${x!}`) }),
    learn: ([x]) => void calls.push(`${key} learn ${x!}`),
  })
  const clock = [100, 100.024]
  // 24 microseconds for two windows of each of three keys.
  expect(measureMicroseconds(told, { keys, warmUp: 3 }, () => clock.shift()!)).toBeCloseTo(4, 6)
  expect(clock).toEqual([])
  expect(calls.slice(0, 3)).toEqual(['0 learn 10', '1 learn 20', '2 learn 30'])
  // One look at whether it judges, then what is measured.
  expect(calls.slice(9)).toEqual([
    '0 score 13', '0 score 13', '0 learn 13', '1 score 23', '1 learn 23', '2 score 33', '2 learn 33', '0 score 14', '0 learn 14', '1 score 24', '1 learn 24', '2 score 34', '2 learn 34',
  ])
})

test('a model that does not judge yet is not measured', () => {
  const never = (): SeriesModel => ({ score: () => undefined, learn: () => {} })
  expect(() => measureMicroseconds(never, { keys, warmUp: 2 })).toThrow('A model that cannot judge after 2 windows has no cost to measure')
})

test('what a model holds is counted, on the heap or beside it', () => {
  const holding = (numbers: number) => (): SeriesModel => {
    const memory = new Float64Array(numbers)
    return { score: () => ({ value: memory[0]! }), learn: () => void memory[0]!++ }
  }
  const bytes = measureBytes(holding(100_000), { keys, warmUp: 2 }, 20)
  expect(bytes).toBeGreaterThan(790_000)
  expect(bytes).toBeLessThan(900_000)
})
