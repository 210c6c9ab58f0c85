import { expect, test } from 'vitest'
import { parseColumns } from './columns.ts'

test('a column reaches from its head to the next, so that an empty cell stays empty', () => {
  const table = 'NAME   TOPIC         DETECTOR        READY   LAG   AGE\nhvac   iot-metrics   microClusters   True          3m\n'
  expect(parseColumns(table)).toEqual([{ NAME: 'hvac', TOPIC: 'iot-metrics', DETECTOR: 'microClusters', READY: 'True', LAG: '', AGE: '3m' }])
})
