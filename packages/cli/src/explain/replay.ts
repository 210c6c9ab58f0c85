import type { DetectorConfig } from '@tidewatch/api'
import { createFactories, noEffects, Tallies, Topology, type Effects, type OnWindow, type RestorePoint, type Verdict } from '@tidewatch/detector'
import { viewOf, type KafkaRecord } from '@tidewatch/kafka'
import { deviceOf, windowOf } from './verdict-text.ts'

/** What the window of a verdict was made of, for each of its metrics. */
export interface WindowReadings {
  metric: string
  count: number
  firstOffset: number
  lastOffset: number
  /** Event times. */
  firstMs: number
  lastMs: number
}

/** What commits note of a partition that its records do not tell, oldest first. */
export type Notes = Pick<RestorePoint, 'jumps' | 'growths'>

export interface Replayed {
  /** Undefined where the window was closed without one, or not at all. */
  verdict: Verdict | undefined
  /** Empty where every reading is judged by itself. */
  readings: WindowReadings[]
  /** What became of the window; `open`: it was not closed by any record that is there. */
  outcome: 'judged' | 'incomplete' | 'warming' | 'open'
  /** The record that closed the window; undefined where the clock did. */
  closedBy: { offset: number; timestampMs: number } | undefined
  /** Records that were taken in. */
  records: number
}

/** A topology with somebody who looks for the window of one verdict. */
export class Replay {
  readonly #wanted: Verdict
  readonly #config: DetectorConfig
  readonly #jumps: Notes['jumps']
  readonly #growths: Notes['growths']
  #topology: Topology
  #lastRecordAtMs: number | undefined
  #result: Replayed = { verdict: undefined, readings: [], outcome: 'open', closedBy: undefined, records: 0 }

  constructor(config: DetectorConfig, wanted: Verdict, { jumps, growths }: Notes = { jumps: [], growths: [] }) {
    // Every judged window is to be heard of, as with a topic of scores.
    this.#config = { ...config, outputs: { ...config.outputs, scores: config.outputs.scores ?? config.outputs.anomalies } }
    this.#wanted = wanted
    this.#jumps = [...jumps]
    this.#growths = [...growths]
    this.#topology = this.#create()
  }

  /** Begins before the first record of a log that is whole. */
  startAt(offset: number): void {
    this.#topology = this.#create()
    this.#topology.start(offset)
    this.#loadGrowths(offset)
  }

  /** Begins with a checkpoint. @throws what `Topology.restore` throws: then the replay may begin elsewhere. @returns the first record that is wanted. */
  restore(bytes: Uint8Array): number {
    this.#topology = this.#create()
    const { nextOffset } = this.#topology.restore(bytes)
    this.#loadGrowths(nextOffset)
    return nextOffset
  }

  /** @returns true when the window is closed, so that no more is needed. */
  step(record: KafkaRecord): boolean {
    this.#repeatJumps(record.offset)
    if (this.#result.outcome !== 'open') return true
    this.#repeatGrowths(record.offset)
    this.#lastRecordAtMs = record.timestampMs
    // The clock of then is not known. The record's own time is the latest that can have been too far ahead by itself.
    const out = noEffects()
    this.#topology.step(viewOf(record), record.timestampMs, out)
    this.#result.records++
    return this.#look(out, { offset: record.offset, timestampMs: record.timestampMs })
  }

  /** After the last record: lets the clock close what a silent partition leaves open. */
  tick(nowMs: number): void {
    this.#repeatJumps(Infinity)
    if (this.#result.outcome === 'open') this.#advance(nowMs)
  }

  get result(): Replayed {
    return this.#result
  }

  /** Moves the watermark to where the clock had moved it, by a silence that is just as long. */
  #repeatJumps(offset: number): void {
    const { allowedLatenessMs } = this.#config
    for (let jump = this.#jumps[0]; jump !== undefined && jump[0] <= offset && this.#result.outcome === 'open'; jump = this.#jumps[0]) {
      this.#jumps.shift()
      const { maxEventTimeMs } = this.#topology.restorePoint()
      if (this.#lastRecordAtMs === undefined || maxEventTimeMs === -Infinity) continue
      this.#advance(this.#lastRecordAtMs + jump[1] + allowedLatenessMs - maxEventTimeMs)
    }
  }

  /** Snapshots do not tell of them: commits do. */
  #loadGrowths(startOffset: number): void {
    const begun = this.#growths.filter(([from]) => from < startOffset)
    this.#growths.splice(0, begun.length)
    this.#topology.growths.load({ partitions: 1, growths: begun }, startOffset)
  }

  /** The input came to have more partitions before the record at this offset: from there on windows may be torn. */
  #repeatGrowths(offset: number): void {
    for (let growth = this.#growths[0]; growth !== undefined && growth[0] <= offset; growth = this.#growths[0]) {
      this.#growths.shift()
      this.#topology.meetPartitions((this.#topology.growths.partitions ?? 1) + 1)
      if (growth[1] !== null) this.#topology.growths.end(growth[1])
    }
  }

  #advance(nowMs: number): void {
    const out = noEffects()
    this.#topology.tick(nowMs, true, out)
    this.#look(out, undefined)
  }

  #create(): Topology {
    const { partition } = this.#wanted.offsets
    const { startMs, endMs } = windowOf(this.#wanted)
    const onWindow: OnWindow = (window, result) => {
      const { group } = window
      const isWanted = window.startMs === startMs && window.endMs === endMs && group.device === deviceOf(this.#wanted) && (group.metric === undefined || group.metric === this.#wanted.metric)
      if (!isWanted) return
      this.#result.outcome = typeof result === 'string' ? result : 'judged'
      this.#result.readings = group.seriesNames.flatMap((metric, series) => {
        const { count, firstOffset, lastOffset, firstMs, lastMs } = window.aggregates[series]!
        return count === 0 ? [] : [{ metric, count, firstOffset, lastOffset, firstMs, lastMs }]
      })
    }
    return new Topology({ config: this.#config, partition, tallies: new Tallies(), onWindow, ...createFactories(this.#config) })
  }

  #look({ verdicts }: Effects, closedBy: Replayed['closedBy']): boolean {
    const verdict = verdicts.find((one) => one.verdict.id === this.#wanted.id)?.verdict
    if (verdict !== undefined) this.#result = { ...this.#result, verdict, outcome: 'judged' }
    if (this.#result.outcome === 'open') return false
    this.#result.closedBy = closedBy
    return true
  }
}
