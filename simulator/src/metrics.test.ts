import { createRegistry, parseMetrics } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { createSimulatorMetrics } from './metrics.ts'

const progress = { sent: 0, sendErrors: 0, injected: {}, achievedRate: 0, durationMs: 0, skippedRows: 0, activeDevices: 0, currentRate: 0 }

test('metrics follow the progress', async () => {
  const registry = createRegistry()
  const update = createSimulatorMetrics(registry)
  update({ ...progress, sent: 10, injected: { spike: 2 } })
  update({ ...progress, sent: 25, sendErrors: 3, injected: { spike: 5, drift: 1 }, skippedRows: 4, activeDevices: 11, currentRate: 15 })
  const samples = parseMetrics(await registry.metrics()).filter(({ name }) => name.startsWith('tidewatch_'))
  expect(samples).toEqual([
    { name: 'tidewatch_simulator_records_sent_total', labels: {}, value: 25 },
    { name: 'tidewatch_simulator_send_errors_total', labels: {}, value: 3 },
    { name: 'tidewatch_simulator_faulty_records_total', labels: { fault: 'spike' }, value: 5 },
    { name: 'tidewatch_simulator_faulty_records_total', labels: { fault: 'drift' }, value: 1 },
    { name: 'tidewatch_simulator_skipped_rows_total', labels: {}, value: 4 },
    { name: 'tidewatch_simulator_active_devices', labels: {}, value: 11 },
    { name: 'tidewatch_simulator_rate', labels: {}, value: 15 },
  ])
})

test('a recording with a label for each row does not make a series for each', async () => {
  const registry = createRegistry()
  const update = createSimulatorMetrics(registry)
  for (const count of [300, 500]) update({ ...progress, injected: Object.fromEntries(Array.from({ length: count }, (_, i) => [`label ${i}`, 2])) })
  const series = parseMetrics(await registry.metrics()).filter(({ name }) => name === 'tidewatch_simulator_faulty_records_total')
  expect(series).toHaveLength(101)
  expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(1_000)
})
