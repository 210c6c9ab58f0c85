import { expect, test } from 'vitest'
import { Counter, Histogram, createRegistry, parseMetrics } from './metrics.ts'

test('what prom-client writes, parseMetrics reads', async () => {
  const registry = createRegistry()
  new Counter({ name: 'a_total', help: 'a', labelNames: ['reason'], registers: [registry] }).inc({ reason: 'quote " slash \\ line\nend' }, 3)
  new Histogram({ name: 'b_seconds', help: 'b', buckets: [0.1, 1], registers: [registry] }).observe(0.5)
  const samples = parseMetrics(await registry.metrics())
  expect(samples).toContainEqual({ name: 'a_total', labels: { reason: 'quote " slash \\ line\nend' }, value: 3 })
  expect(samples.filter(({ name }) => name.startsWith('b_seconds'))).toEqual([
    { name: 'b_seconds_bucket', labels: { le: '0.1' }, value: 0 },
    { name: 'b_seconds_bucket', labels: { le: '1' }, value: 1 },
    { name: 'b_seconds_bucket', labels: { le: '+Inf' }, value: 1 },
    { name: 'b_seconds_sum', labels: {}, value: 0.5 },
    { name: 'b_seconds_count', labels: {}, value: 1 },
  ])
  expect(samples.some(({ name }) => name === 'process_cpu_seconds_total')).toBe(true)
})

test("a registry has the process's own metrics, and none that keeps a timer running", async () => {
  const names = new Set(parseMetrics(await createRegistry().metrics()).map(({ name }) => name))
  expect([...names].filter((name) => name.startsWith('nodejs_eventloop'))).toEqual(['nodejs_eventloop_lag_seconds', 'nodejs_eventloop_utilization_ratio'])
  expect(names).toContain('process_resident_memory_bytes')
})
