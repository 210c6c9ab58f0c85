import { expect, test } from 'vitest'
import { renderTable } from './report.ts'

const result = (contender: string, rows: string[][], missed: string[] = []) => ({ contender, rows, json: {}, missed, details: [] })

test('a table has a row for each contender, and marks who misses a goal', () => {
  const results = [result('microClusters', [['49.54', '-'], ['1.00', '2']], ['standard 49.5 < 64']), result('always', [['0.00', '100.00']])]
  expect(renderTable({ title: 'NAB: 2 series', columns: ['standard', 'F1'], notes: ['must: 64'] }, results)).toBe(
    `NAB: 2 series
  contender      standard      F1
* microClusters     49.54       -
                     1.00       2
  always             0.00  100.00
  must: 64
* below what it must reach: microClusters (standard 49.5 < 64)`,
  )
})
