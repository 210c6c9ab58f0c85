import type { MetricSample } from '../totals.ts'

/** A sample in few words. */
export const sample = (name: string, value: number, labels: Record<string, string> = {}): MetricSample => ({ name, labels, value })

/** A histogram's samples from the counts of its buckets, given one by one and cumulated here. */
export function histogram(name: string, counts: Record<string, number>, labels: Record<string, string> = {}): MetricSample[] {
  let total = 0
  const buckets = Object.entries(counts).map(([le, count]) => sample(`${name}_bucket`, (total += count), { ...labels, le }))
  // Some sum above 0; its size matters to nobody here.
  return [...buckets, sample(`${name}_bucket`, total, { ...labels, le: '+Inf' }), sample(`${name}_sum`, total, labels)]
}
