import { expect, test } from 'vitest'
import { parseReport, sumReports } from './reports.ts'
import { anObserved, aPod, wantedJob } from './testing/an-observed.ts'

const job = wantedJob(anObserved({ spec: (spec) => (spec.shards = 2) }))
const report = (sent: number, injected = {}) => JSON.stringify({ sent, sendErrors: 1, injected, achievedRate: 10, durationMs: 1, skippedRows: 0 })

test('adds up what every shard has sent', () => {
  const pods = [aPod(job, 0, 'Succeeded', report(100, { spike: 2 })), aPod(job, 1, 'Succeeded', report(50, { spike: 1, stuck: 4 }))]
  expect(sumReports(job, pods)).toEqual({ sent: 150, sendErrors: 2, achievedRate: 20, injected: { spike: 3, stuck: 4 } })
})

test.each([
  ['one shard is missing', [aPod(job, 0, 'Succeeded', report(100))]],
  ['one shard failed and was made again, which still runs', [aPod(job, 0, 'Succeeded', report(100)), aPod(job, 1, 'Failed', report(50)), aPod(job, 1, 'Running')]],
  ['one report was cut', [aPod(job, 0, 'Succeeded', report(100)), aPod(job, 1, 'Succeeded', report(50).slice(0, 20))]],
  ['a pod is of another Job', [aPod(job, 0, 'Succeeded', report(100)), aPod(wantedJob(anObserved()), 1, 'Succeeded', report(50))]],
])('no sum while %s', (_, pods) => {
  expect(sumReports(job, pods)).toBeUndefined()
})

test.each([[undefined], [''], ['null'], ['{"level":"fatal","msg":"no"}'], ['[]']])('%s is no report', (message) => {
  expect(parseReport(message)).toBeUndefined()
})
