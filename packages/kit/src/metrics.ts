import { performance } from 'node:perf_hooks'
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'

export { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What prom-client takes from a timer that wakes the process up 100 times a second, however idle it is. */
const sampledLags = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((part) => `nodejs_eventloop_lag_${part}_seconds`)
/** The longest that a timer can be set to: prom-client's own cannot be left out. */
const neverMs = 2 ** 31 - 1

/** A registry with the process's own metrics (CPU, memory, event loop) in it. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs })
  for (const name of sampledLags) registry.removeSingleMetric(name)
  let last = performance.eventLoopUtilization()
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Part of the time since the scrape before in which the event loop was busy, 0 to 1.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, last).utilization)
      last = now
    },
  })
  return registry
}

/** One sample of a scraped page: a metric's name, its labels and its value. */
export interface MetricSample {
  name: string
  labels: Record<string, string>
  value: number
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g

/**
 * Reads the samples of a page in Prometheus' text format (version 0.0.4), as our own `/metrics` serves it.
 * Comment lines are passed over.
 */
export function parseMetrics(text: string): MetricSample[] {
  const samples: MetricSample[] = []
  for (const line of text.split('\n')) {
    const match = samplePattern.exec(line)
    if (match === null) continue
    const [, name = '', labelText = '', value = ''] = match
    const labels: Record<string, string> = {}
    for (const [, key = '', raw = ''] of labelText.matchAll(labelPattern)) {
      labels[key] = raw.replace(/\\(["\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character))
    }
    samples.push({ name, labels, value: value === '+Inf' ? Infinity : Number(value) })
  }
  return samples
}
