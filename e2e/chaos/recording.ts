import type { OutputRecord } from '@tidewatch/kafka'
import { mulberry32 } from '@tidewatch/kit'

/** What is wrong with a reading on purpose. Each takes one reading in a hundred, so a twentieth of all. */
export const oddKinds = ['poison', 'late', 'duplicate', 'outOfOrder', 'skewed'] as const
export type OddKind = (typeof oddKinds)[number]

export interface RecordingOptions {
  topic: string
  partitions: number
  /** In each partition; each sends one reading a second. */
  devices: number
  /** Event time of the first second; a multiple of the slide of the windows, so that none begins half-way. */
  startMs: number
  seed: number
}

/** Reading n of a second is odd by one draw, and how by its place in the twentieth. */
const shareOfEach = 0.01
const lateByS = 120
const mostDisorderS = 4
/** Beyond any clock skew that is borne. */
const farAheadMs = 30 * 86_400_000
const isPoison = (value: string): boolean => value.startsWith('poison ')

/**
 * Readings of all devices for some seconds of event time, each with an id of its own, the odd ones among them. The same
 * seconds come to the same records, whatever was asked for before.
 */
export function buildReadings({ topic, partitions, devices, startMs, seed }: RecordingOptions, fromS: number, toS: number): OutputRecord[] {
  const records: OutputRecord[] = []
  for (let second = fromS; second < toS; second++) {
    for (let partition = 0; partition < partitions; partition++) {
      for (let d = 0; d < devices; d++) {
        const draw = mulberry32(seed + (second * partitions + partition) * devices + d)
        const id = `${second}-${partition}-${d}`
        const kind = oddKinds[Math.floor(draw() / shareOfEach)]
        const timestampMs = startMs + second * 1_000 + shiftOf(kind, draw)
        const value = 20 + draw() + (draw() < 0.02 ? 50 : 0)
        const reading = { id, sensor_id: `p${partition}d${d}`, timestamp: new Date(timestampMs).toISOString(), metric: 't', value }
        const record = { topic, partition, key: reading.sensor_id, value: kind === 'poison' ? `poison ${id}` : JSON.stringify(reading) }
        records.push(record)
        if (kind === 'duplicate') records.push(record)
      }
    }
  }
  return records
}

function shiftOf(kind: OddKind | undefined, draw: () => number): number {
  if (kind === 'late') return -lateByS * 1_000
  if (kind === 'outOfOrder') return -Math.ceil(draw() * mostDisorderS) * 1_000
  return kind === 'skewed' ? farAheadMs : 0
}

/** True for what must become a dead letter, told without any code of the product: no JSON, or far in the future. */
export function isBad(value: string, nowMs: number): boolean {
  return isPoison(value) || Date.parse((JSON.parse(value) as { timestamp: string }).timestamp) > nowMs + 86_400_000
}
