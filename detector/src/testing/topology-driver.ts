import type { DetectorConfig } from '@tidewatch/api'
import { viewOf, type KafkaRecord } from '@tidewatch/kafka'
import { createFactories } from '../factories.ts'
import type { Rejection } from '../ingest/rejection.ts'
import type { EmittedClusterEvent } from '../effects.ts'
import type { ModelFactory } from '../models/model.ts'
import { Tallies } from '../tallies.ts'
import { Topology, type Effects, type EmittedVerdict } from '../topology.ts'
import type { ThresholdFactory } from '../threshold/threshold.ts'
import { computeFeatures } from '../features/vector.ts'

/** A closed window as plain data, for comparison. */
export interface DrivenWindow {
  device: string
  metric: string | undefined
  startMs: number
  endMs: number
  /** Features by metric, in the configuration's order. */
  features: Record<string, number[]>
  firstOffset: number
  lastOffset: number
  result: 'incomplete' | 'warming' | 'normal' | 'anomalous'
}

/** A record to process; what is left out is made up. */
export interface DrivenRecord {
  value: Buffer | string | object | null
  key?: Buffer | string | null
  /** Default: now, by the driver's clock. */
  timestampMs?: number
  headers?: Record<string, string>
  /** The label that the simulator would put into the fault header. */
  fault?: string
}

/** What happens to a partition: a record at a moment, or a while without any. */
export type DrivenEvent = { send: DrivenRecord; nowMs: number } | { silenceMs: number }

export interface TopologyDriverOptions {
  config: DetectorConfig
  partition?: number
  /** What the clock shows at first; default: 2026-01-01. */
  nowMs?: number
  /** Keep every record in `log` and every closed window in `windows`; default: false, for long runs. */
  keepsHistory?: boolean
  /** Default: those that the configuration names. */
  models?: ModelFactory
  thresholds?: ThresholdFactory
}

const someTimeMs = Date.UTC(2026, 0, 1)

/**
 * Runs the whole way from bytes to verdicts of one partition, with no broker and a clock of its own.
 *
 *     const driver = new TopologyDriver({ config })
 *     driver.send({ value: { sensor_id: 's1', timestamp: '2026-01-01T00:00:00Z', metric: 'temperature', value: 25 } })
 *     driver.verdicts, driver.deadLetters, driver.late, driver.tallies, driver.detectionDelaysMs
 */
export class TopologyDriver implements Effects {
  readonly verdicts: EmittedVerdict[] = []
  readonly deadLetters: { record: KafkaRecord; rejection: Rejection }[] = []
  readonly late: KafkaRecord[] = []
  readonly clusterEvents: EmittedClusterEvent[] = []
  readonly judged: { timestampMs: number; windows: number }[] = []
  readonly windows: DrivenWindow[] = []
  /** The partition's log. */
  readonly log: KafkaRecord[] = []
  /** Delay of each incident detected, by label. */
  readonly detectionDelaysMs = new Map<string, number[]>()
  readonly tallies: Tallies
  readonly topology: Topology
  nowMs: number
  #nextOffset = 0
  readonly #options: TopologyDriverOptions

  constructor(options: TopologyDriverOptions) {
    this.#options = options
    const { config, partition = 0, nowMs = someTimeMs, keepsHistory = false } = options
    const given = { ...(options.models && { models: options.models }), ...(options.thresholds && { thresholds: options.thresholds }) }
    this.nowMs = nowMs
    this.tallies = new Tallies((fault, delayMs) => {
      const label = this.tallies.accuracy.labels.nameOf(fault)
      const delays = this.detectionDelaysMs.get(label)
      if (delays === undefined) this.detectionDelaysMs.set(label, [delayMs])
      else delays.push(delayMs)
    })
    this.topology = new Topology({
      config,
      partition,
      tallies: this.tallies,
      ...(options.models && options.thresholds ? { models: options.models, thresholds: options.thresholds } : { ...createFactories(config), ...given }),
      ...(keepsHistory && {
        onWindow: ({ group, startMs, endMs, aggregates }, result) => {
          const features: Record<string, number[]> = {}
          let firstOffset = Infinity
          let lastOffset = -Infinity
          group.seriesNames.forEach((name, series) => {
            const aggregate = aggregates[series]!
            if (aggregate.count === 0) return
            const vector = new Float64Array(config.features.length)
            computeFeatures(config.features, aggregate, vector, 0)
            features[name] = [...vector]
            firstOffset = Math.min(firstOffset, aggregate.firstOffset)
            lastOffset = Math.max(lastOffset, aggregate.lastOffset)
          })
          const outcome = typeof result === 'string' ? result : result.isAnomaly ? 'anomalous' : 'normal'
          this.windows.push({ device: group.device, metric: group.metric, startMs, endMs, features, firstOffset, lastOffset, result: outcome })
        },
      }),
    })
  }

  /** Appends a record to the partition and processes it. */
  send({ value, key = null, timestampMs = this.nowMs, headers, fault }: DrivenRecord): void {
    const { config, partition = 0 } = this.#options
    const allHeaders = fault === undefined ? headers : { ...headers, [config.faultHeader]: fault }
    const record: KafkaRecord = {
      topic: config.topic,
      partition,
      offset: this.#nextOffset++,
      timestampMs,
      key: typeof key === 'string' ? Buffer.from(key) : key,
      value: value === null || Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      headers: allHeaders,
    }
    if (this.#options.keepsHistory === true) this.log.push(record)
    this.step(record)
  }

  /** Lets one thing happen after another. */
  play(...events: readonly DrivenEvent[]): void {
    for (const event of events) {
      if ('silenceMs' in event) this.advance(event.silenceMs)
      else {
        this.nowMs = event.nowMs
        this.send(event.send)
      }
    }
  }

  /** Processes a record that lies in a log already. */
  step(record: KafkaRecord): void {
    this.topology.step(viewOf(record), this.nowMs, this)
  }

  /** Gives the next record sent this offset, as if those before it lay in the log already. */
  continueAt(offset: number): void {
    this.#nextOffset = offset
  }

  /** Lets time pass without records, with a look at the clock at the end. */
  advance(ms: number): void {
    this.nowMs += ms
    this.topology.tick(this.nowMs, true, this)
  }
}
