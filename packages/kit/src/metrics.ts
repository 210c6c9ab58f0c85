import { Registry, collectDefaultMetrics } from 'prom-client'

export { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** A registry with the process's own metrics (CPU, memory, event loop) in it. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
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
