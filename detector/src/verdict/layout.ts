import type { DetectorConfig } from '@tidewatch/api'

/**
 * Where the metrics of a model's vectors come from:
 * - `fixed`: the manifest names them.
 * - `ofGroup`: one metric, the group's own.
 * - `first`: those of the first vector (`allNumbers`).
 * - `learned`: those seen in the first windows, in alphabetical order (long form grouped by device). Until then
 *   vectors wait, and are learned together when the layout is known.
 */
export type LayoutPolicy = { kind: 'fixed'; metrics: readonly string[] } | { kind: 'ofGroup' } | { kind: 'first' } | { kind: 'learned'; windows: number }

/** Windows that wait for their layout at most; so much memory a long warm-up may cost for each key. */
const maxWaitingWindows = 100

/** True where each metric of a device is a group of its own. Without a window a reading of one metric must stay alone. */
export function isGroupedByMetric({ groupBy, window, reading }: Pick<DetectorConfig, 'groupBy' | 'window' | 'reading'>): boolean {
  return groupBy === 'DeviceAndMetric' || (window.kind === 'none' && reading.metric !== undefined)
}

/** The metrics that categories become: one for each value, 1 where the reading has it and else 0. */
export function categoryMetrics({ categories }: Pick<DetectorConfig['reading'], 'categories'>): string[] {
  return categories.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`))
}

export function layoutPolicy(config: Pick<DetectorConfig, 'groupBy' | 'window' | 'reading' | 'warmUp'>): LayoutPolicy {
  const { reading } = config
  const categories = categoryMetrics(reading)
  // Long form without a window: the metric and the categories of its record make one vector.
  if (config.window.kind === 'none' && reading.metric !== undefined && config.groupBy === 'Device') return { kind: 'first' }
  if (isGroupedByMetric(config)) return { kind: 'ofGroup' }
  if (reading.values !== undefined) return { kind: 'fixed', metrics: [...reading.values.map(({ name }) => name), ...categories] }
  if (reading.allNumbers !== undefined) return { kind: 'first' }
  if (reading.metric === undefined) return { kind: 'fixed', metrics: categories }
  if (reading.metric.only !== undefined) return { kind: 'fixed', metrics: [...reading.metric.only, ...categories] }
  return { kind: 'learned', windows: Math.min(config.warmUp, maxWaitingWindows) }
}
