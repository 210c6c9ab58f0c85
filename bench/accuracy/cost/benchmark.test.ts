import { expect, test } from 'vitest'
import { baselineContender } from '../baselines.ts'
import { modelContender } from '../models.ts'
import type { Contender, Scored, Series } from '../contender.ts'
import { costBenchmark, findMissedCost } from './benchmark.ts'

test('only the default model is held to a cost', () => {
  expect([findMissedCost('microClusters', 5), findMissedCost('microClusters', 4.99), findMissedCost('discord', 300)]).toEqual([['5.00 us a window >= 5'], [], []])
})

test('ours are measured here, peers by what they say, and who says nothing has a dash', async () => {
  const benchmark = costBenchmark()
  const model = await benchmark.run(modelContender('microClusters'))
  expect(model.json).toEqual({ microseconds: expect.any(Number), readingsParsed: expect.any(Number), bytesPerKey: expect.any(Number) })
  const baseline = await benchmark.run(baselineContender('always'))
  expect(baseline).toMatchObject({ contender: 'always', json: { microseconds: expect.any(Number), bytesPerKey: null }, missed: [] })

  const asked: number[] = []
  const peer = (seconds: readonly (number | undefined)[]): Contender => ({
    name: 'a peer',
    version: '1',
    kind: 'peer',
    score: async ({ rows }: Series): Promise<Scored> => {
      const took = seconds[asked.push(rows.length) - 1]
      return { scores: new Float64Array(rows.length), flags: undefined, ...(took !== undefined && { seconds: took * rows.length }) }
    },
  })
  // The first series is for its compiler; of the other three the middle one counts.
  const measured = await benchmark.run(peer([9, 3e-6, 1e-6, 2e-6]))
  expect(asked).toHaveLength(4)
  expect(asked[0]).toBeGreaterThan(700)
  expect(measured.json).toMatchObject({ microseconds: expect.closeTo(2, 9), bytesPerKey: null })
  expect(measured.rows[0]![0]).toBe('2.00')
  asked.length = 0
  expect(await benchmark.run(peer([undefined]))).toMatchObject({ rows: [['-', '-', '-']], json: { microseconds: null, readingsParsed: null, bytesPerKey: null } })
})
