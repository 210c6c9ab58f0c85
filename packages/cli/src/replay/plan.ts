import { basename } from 'node:path'
import {
  apiVersion,
  detectionPipeline,
  deviceFleet,
  resolveFleet,
  resolvePipeline,
  type DetectionPipelineInput,
  type DetectorConfig,
  type DeviceFleetInput,
  type SimulatorConfig,
} from '@tidewatch/api'
import type { RunPlan } from '../run/plan.ts'
import { RecordingUnreadable, type ReplayColumns } from './columns.ts'
import type { Span } from './labels.ts'

/** One recording, read and understood. */
export interface Recording {
  /** As the user named it. */
  file: string
  /** Absolute. */
  path: string
  columns: ReplayColumns
  rows: number
  intervalMs: number
  /** Undefined: nothing is known of what is anomalous in it. */
  labels: Span[] | undefined
}

export interface ReplayChoices {
  window: WindowChoice
  model: 'microClusters' | 'robustZScore'
  threshold: { score: number } | { falseAlarmRate: number }
  warmUp: number | undefined
}

export type WindowChoice = { kind: 'none' } | { kind: 'tumbling'; size: string } | { kind: 'sliding'; size: string; slide: string }

/** What is sent and read for one recording. */
export interface PlannedRecording extends Recording {
  /** The device's id, which the verdicts carry. */
  device: string
  fleet: SimulatorConfig
}

/**
 * Plans a replay: one topic, each recording a device in a partition of its own, so that recordings of different
 * years do not move each other's event time.
 *
 * @throws RecordingUnreadable when the recordings do not have the same columns.
 */
export function planReplay(id: string, recordings: readonly Recording[], choices: ReplayChoices, brokers: string | undefined): { plan: RunPlan; recordings: PlannedRecording[] } {
  requireSameColumns(recordings)
  const name = `replay-${id}`
  const config = buildPipeline(name, recordings, choices)
  const devices = nameDevices(recordings.map(({ path }) => path))
  const planned = recordings.map((recording, i) => {
    const device = devices[i] ?? name
    return { ...recording, device, fleet: { ...buildFleet(name, device, recording), partition: i } }
  })
  const one = { minReplicas: 1, maxReplicas: 1, partitions: recordings.length, target: { drainTimeMs: 30_000 }, scaleDownStabilizationMs: 0, settleMs: 0 }
  const byPartition = [config.topic, config.checkpoint.topic]
  const topics = [...byPartition, config.outputs.anomalies, config.outputs.deadLetters].map((topic) => ({
    name: topic,
    partitions: byPartition.includes(topic) ? recordings.length : 1,
    replicas: undefined,
    config: {},
    askedBy: 'tidewatch replay',
  }))
  return { plan: { brokers, topics, pipelines: [{ config, scaling: one }], fleets: planned.map(({ fleet }) => fleet) }, recordings: planned }
}

function buildPipeline(name: string, recordings: readonly Recording[], { window, model, threshold, warmUp }: ReplayChoices): DetectorConfig {
  const columns = recordings[0]?.columns
  const input: DetectionPipelineInput = {
    apiVersion,
    kind: 'DetectionPipeline',
    metadata: { name },
    spec: {
      kafka: { clusterRef: { name: 'any' } },
      source: {
        topic: { name, partitions: recordings.length },
        mapping: {
          eventTime: { path: pathTo(columns?.time ?? ''), format: columns?.timeFormat ?? 'Iso8601' },
          values: (columns?.values ?? []).map((column) => ({ name: column, path: pathTo(column) })),
        },
      },
      // A recording is read at once, so its partition is idle before and after: that says nothing of its event time.
      window: { ...buildWindow(window), idleTimeout: '24h' },
      detector: { [model]: {}, threshold, ...(warmUp === undefined ? {} : { warmUp }) },
      delivery: 'AtLeastOnce',
    },
  }
  return resolvePipeline(detectionPipeline.parse(input))
}

function buildWindow(window: WindowChoice): DetectionPipelineInput['spec']['window'] {
  switch (window.kind) {
    case 'none':
      return { none: {} }
    case 'tumbling':
      return { tumbling: { size: window.size } }
    case 'sliding':
      return { sliding: { size: window.size, slide: window.slide } }
  }
}

/** More spans than a manifest may hold are left out: they only serve the live figures. */
const mostSpans = 1_000

function buildFleet(topic: string, device: string, { path, columns, labels, intervalMs }: Recording): SimulatorConfig {
  const windows = labels?.slice(0, mostSpans).map(({ startMs, endMs }) => ({ start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() }))
  const input: DeviceFleetInput = {
    apiVersion,
    kind: 'DeviceFleet',
    metadata: { name: device },
    spec: {
      kafka: { clusterRef: { name: 'any' } },
      topic: { name: topic },
      devices: {
        replay: {
          file: path,
          delimiter: columns.delimiter,
          speed: 0,
          eventTime: { column: columns.time, format: columns.timeFormat },
          ...(windows === undefined || windows.length === 0 ? {} : { windows }),
        },
      },
      interval: `${Math.max(1, Math.round(intervalMs))}ms`,
    },
  }
  return resolveFleet(deviceFleet.parse(input))
}

function requireSameColumns(recordings: readonly Recording[]): void {
  const [first, ...others] = recordings
  const shape = ({ columns }: Recording) => JSON.stringify([columns.time, columns.timeFormat, columns.values])
  const other = others.find((one) => first !== undefined && shape(one) !== shape(first))
  if (first === undefined || other === undefined) return
  throw new RecordingUnreadable(
    `${other.file} has other columns (${describe(other)}) than ${first.file} (${describe(first)}): replay them apart, or name those in common with --time-column and --value-columns`,
  )
}

const describe = ({ columns }: Recording): string => [columns.time, ...columns.values].join(', ')

/** Names that a manifest allows, from file names; each once. */
export function nameDevices(paths: readonly string[]): string[] {
  const taken = new Set<string>()
  return paths.map((path) => {
    const base = basename(path).replace(/\.[^.]*$/, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 56).replace(/-+$/, '') || 'recording'
    let name = base
    for (let i = 2; taken.has(name); i++) name = `${base}-${i}`
    taken.add(name)
    return name
  })
}

/** A path to a column: it may have any name but one with a quote in it. */
function pathTo(column: string): string {
  if (/['\]]/.test(column)) throw new RecordingUnreadable(`The column "${column}" has a quote or a bracket in its name: rename it`)
  return `$['${column}']`
}
