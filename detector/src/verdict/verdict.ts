import { murmur3 } from './murmur3.ts'
import type { HeldBack } from './rules.ts'

/**
 * What the detector says of one window: the value of a record on the anomalies topic, as JSON. The device is
 * under `sensor_id` or `device_id`, by the field that the readings name it in.
 */
export interface Verdict {
  /** 128 bits in hexadecimal, the same for the same window of the same pipeline and model generation. */
  id: string
  sensor_id?: string
  device_id?: string
  /** Null where the window covers several metrics. */
  metric: string | null
  /** ISO 8601 in UTC. Without a window both are the reading's event time. */
  window_start: string
  window_end: string
  /** 0 is the centre of normal, 1 the model's own boundary. */
  anomaly_score: number
  /** The score above which it is an anomaly; null while that is not known. */
  threshold: number | null
  /** Above the threshold, and held back by no rule of the detector. */
  is_anomaly: boolean
  /** Only where the score is above the threshold and it is no anomaly all the same: the detector's field that says so. */
  held_back?: HeldBack
  features: Record<string, number>
  /** Each feature's share of the score; they add up to 1 (or are all 0). */
  contributions: Record<string, number>
  /** What the model expected; null where it has no such notion. */
  expected: Record<string, number> | null
  /** By what it was judged. `silence` where the device has stopped sending: then there are no features, and the window is the silence. */
  model: { kind: string; generation: number }
  /** The records that it was computed from lie between these offsets, both included. */
  offsets: { topic: string; partition: number; first: number; last: number }
}

/** Everything a verdict is made of. */
export interface VerdictParts {
  pipelineUid: string
  deviceField: 'sensor_id' | 'device_id'
  device: string
  metric: string | null
  startMs: number
  endMs: number
  score: number
  threshold: number | undefined
  isAnomaly: boolean
  heldBack: HeldBack | undefined
  names: readonly string[]
  vector: Float64Array
  contributions: Float64Array
  expected: Float64Array | undefined
  model: { kind: string; generation: number }
  offsets: Verdict['offsets']
}

/**
 * The identity of a verdict. Readings without a window share their moments, so there the first offset is part of it.
 *
 * Parts are length-prefixed by JSON, so that no two different lists of parts make the same text.
 */
export function verdictId(parts: IdentityParts): string {
  return hashOf(identify(parts))
}

/** What identifies a window as a model of one generation saw it. */
type IdentityParts = Pick<VerdictParts, 'pipelineUid' | 'device' | 'metric' | 'startMs' | 'endMs' | 'model' | 'offsets'>

function identify({ pipelineUid, device, metric, startMs, endMs, model, offsets }: IdentityParts): (string | number | null)[] {
  const named: (string | number | null)[] = [pipelineUid, device, metric, startMs, endMs, model.generation]
  if (startMs === endMs) named.push(offsets.partition, offsets.first)
  return named
}

/** The identity of an event of a window's model: its kind and its clusters belong to it. */
export function clusterEventId(parts: IdentityParts, kind: string, clusters: readonly number[]): string {
  return hashOf([...identify(parts), kind, ...clusters])
}

/** The identity of a verdict on a silence: one for each, however long it was when it was told. */
export function silenceId({ pipelineUid, device, metric, startMs }: Pick<VerdictParts, 'pipelineUid' | 'device' | 'metric' | 'startMs'>): string {
  return hashOf([pipelineUid, device, metric, startMs, 'silence'])
}

/** Room for the longest name that Kafka takes; longer ones get their own. */
const scratch = Buffer.alloc(4_096)

function hashOf(named: readonly (string | number | null)[]): string {
  const text = JSON.stringify(named)
  // No character of UTF-16 takes more than three bytes.
  if (text.length * 3 > scratch.length) return murmur3(Buffer.from(text))
  return murmur3(scratch.subarray(0, scratch.write(text)))
}

/** Most windows begin and end where the last one did. */
function rememberingLast(textOf: (ms: number) => string): (ms: number) => string {
  let lastMs = NaN
  let last = ''
  return (ms) => {
    if (ms !== lastMs) {
      last = textOf(ms)
      lastMs = ms
    }
    return last
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString()
const startText = rememberingLast(isoOf)
const endText = rememberingLast(isoOf)

export function buildVerdict(parts: VerdictParts): Verdict {
  const { names, vector, contributions, expected, score, threshold } = parts
  return {
    id: verdictId(parts),
    [parts.deviceField]: parts.device,
    metric: parts.metric,
    window_start: startText(parts.startMs),
    window_end: endText(parts.endMs),
    // JSON has no infinity: it would become null.
    anomaly_score: Math.min(score, Number.MAX_VALUE),
    threshold: threshold === undefined ? null : Math.min(threshold, Number.MAX_VALUE),
    is_anomaly: parts.isAnomaly,
    ...(parts.heldBack !== undefined && { held_back: parts.heldBack }),
    features: named(names, vector),
    contributions: named(names, sharesOf(contributions)),
    expected: expected === undefined ? null : named(names, expected),
    model: parts.model,
    offsets: parts.offsets,
  }
}

function named(names: readonly string[], values: Float64Array): Record<string, number> {
  const result: Record<string, number> = {}
  for (let i = 0; i < names.length; i++) result[names[i]!] = values[i]!
  return result
}

/** Parts of 1. Beside a part without bound (a value that never was) all others are nothing. */
function sharesOf(contributions: Float64Array): Float64Array {
  const bounded = contributions.includes(Infinity) ? contributions.map((part) => (part === Infinity ? 1 : 0)) : contributions
  let total = 0
  for (let i = 0; i < bounded.length; i++) total += bounded[i]!
  if (!(total > 0)) return bounded
  const shares = new Float64Array(bounded.length)
  for (let i = 0; i < bounded.length; i++) shares[i] = bounded[i]! / total
  return shares
}
