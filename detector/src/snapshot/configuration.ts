import type { DetectorConfig } from '@tidewatch/api'

/** The parts of a configuration that say what a partition's state means. Others (outputs, intervals) may change between two runs. */
const parts = [
  'topic', 'reading', 'groupBy', 'window', 'allowedLatenessMs', 'maxClockSkewMs', 'idleTimeoutMs', 'features', 'model', 'threshold', 'scope', 'warmUp', 'seed', 'faultHeader',
] as const satisfies readonly (keyof DetectorConfig)[]

/** What a snapshot's state depends on, as a text that is the same for the same configuration. */
export function describeConfiguration(config: DetectorConfig, partition: number): string {
  const described: Record<string, unknown> = { pipeline: config.pipeline.uid, partition }
  for (const part of parts) described[part] = config[part]
  return JSON.stringify(sorted(described))
}

/** The names of the parts in which two descriptions differ. */
export function findDifferences(one: string, other: string): string[] {
  if (one === other) return []
  const [a, b] = [parse(one), parse(other)]
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
}

function parse(description: string): Record<string, unknown> {
  return JSON.parse(description) as Record<string, unknown>
}

/** With the keys of all objects in order, so that the order in a file does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, content]) => content !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, content]) => [key, sorted(content)]))
}
