import type { KafkaRecord } from '@tidewatch/kafka'

/** One feature's part in a verdict. */
export interface Cause {
  feature: string
  value: number
  /** What the model would have expected, where it has such a notion. */
  expected: number | undefined
  contribution: number
}

/** An anomalous verdict as it lies on the topic, in our own words. */
export interface Anomaly {
  id: string
  pipeline: string
  device: string
  metric: string
  windowStart: string
  windowEnd: string
  score: number
  /** Null while the detector does not know it yet. */
  threshold: number | null
  /** All features, those that contributed most first. */
  causes: Cause[]
  /** Kinds of fault under which readings of the window were sent; empty: none, as far as is known. */
  truth: string[]
}

/** Reads a verdict; undefined for anything else that lies on the topic. */
export function parseAnomaly(pipeline: string, record: Pick<KafkaRecord, 'value' | 'headers'>, faultHeader: string): Anomaly | undefined {
  const verdict = parseObject(record.value)
  if (verdict?.['is_anomaly'] !== true) return undefined
  const features = numbers(verdict['features'])
  const contributions = numbers(verdict['contributions'])
  const expected = numbers(verdict['expected'])
  const causes = Object.entries(features)
    .map(([feature, value]) => ({ feature, value, expected: expected[feature], contribution: contributions[feature] ?? 0 }))
    .sort((a, b) => b.contribution - a.contribution)
  return {
    id: text(verdict['id']),
    pipeline,
    device: text(verdict['device_id'] ?? verdict['sensor_id']),
    metric: text(verdict['metric']),
    windowStart: text(verdict['window_start']),
    windowEnd: text(verdict['window_end']),
    score: Number(verdict['anomaly_score']),
    threshold: typeof verdict['threshold'] === 'number' ? verdict['threshold'] : null,
    causes,
    truth: headerValues(record.headers?.[faultHeader]).flatMap((value) => value.split(',')).filter((kind) => kind !== ''),
  }
}

/** A header's values as text, none, one or many. */
export function headerValues(value: Buffer | string | (Buffer | string)[] | undefined): string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map((one) => one.toString())
}

function parseObject(value: Buffer | null): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse((value ?? '').toString())
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function numbers(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
