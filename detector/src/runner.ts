import type { DetectorConfig } from '@tidewatch/api'
import type { AssignedPartition, RecordBatch, RecordSink, RecordSource, SourceEvent } from '@tidewatch/kafka'
import { codeOf, type Clock, type Logger } from '@tidewatch/kit'
import { createFactories } from './factories.ts'
import type { DetectorMetrics, PartitionView } from './metrics.ts'
import { OutputWriter } from './sinks/output-writer.ts'
import { noEffects, Topology, type Effects } from './topology.ts'

/** CPU time after which the event loop gets its turn: heartbeats and probes live on it. */
const sliceMs = 50
/** Records between two looks at the clock. */
const recordsPerLook = 64
/** How often partitions are told the time. */
const tickIntervalMs = 200

export interface RunnerOptions {
  config: DetectorConfig
  source: RecordSource
  sink: RecordSink
  metrics: DetectorMetrics
  clock: Clock
  log: Logger
  /** Default: those that the configuration names. */
  factories?: ReturnType<typeof createFactories>
}

/** A partition in our hands. */
interface Held {
  topology: Topology
  /** What the group's position is, as far as we know; undefined where nothing was ever committed. */
  committed: { offset: number; metadata: string } | undefined
  /** The log's end, as far as we know. */
  highWatermark: number
  /** Where it was committed that no window was open. */
  restsAt: number | undefined
}

/** So long without a word from Kafka the process may be before it is called dead. */
const deadAfterMs = 60_000

/**
 * Pulls records, lets them through their partition's topology, writes what comes out, commits where we are.
 *
 *     source   | batch 1 | batch 2 |  ...          | idle |
 *     step       ######    ######     ######
 *     write          ~~~~~~    ~~~~~~     ~~~~~~             one write at a time, while the next batch is processed
 *     commit                            ^                    every commitInterval, after all writes so far are acknowledged
 *
 * At least once: a position is committed only when everything that came of the records before it is acknowledged. After a
 * crash the records since are processed again; verdicts that were written already appear a second time, under the same
 * id. What a model had learned is lost with the process, so models warm up again; windows are not lost (see `Topology.resume`).
 */
export class Runner {
  readonly #config: DetectorConfig
  readonly #factories: ReturnType<typeof createFactories>
  readonly #source: RecordSource
  readonly #writer: OutputWriter
  readonly #metrics: DetectorMetrics
  readonly #clock: Clock
  readonly #log: Logger
  readonly #heldByPartition = new Map<number, Held>()
  #out: Effects = noEffects()
  #writing: Promise<void> = Promise.resolve()
  #lastCommitMs: number
  #lastTickMs = 0
  #lastAliveMs: number
  #hasAssignment = false

  constructor({ config, source, sink, metrics, clock, log, factories = createFactories(config) }: RunnerOptions) {
    this.#config = config
    this.#factories = factories
    this.#source = source
    this.#writer = new OutputWriter(config, sink)
    this.#metrics = metrics
    this.#clock = clock
    this.#log = log
    this.#lastCommitMs = clock.now()
    this.#lastAliveMs = clock.now()
    metrics.show(() => this.#view())
  }

  /** True once the group has told us what is ours (which may be nothing). */
  get hasAssignment(): boolean {
    return this.#hasAssignment
  }

  /** False when nothing was heard of Kafka for a minute: then a new process has a better chance. */
  isAlive(): boolean {
    if (this.#source.isAlive()) this.#lastAliveMs = this.#clock.now()
    return this.#clock.now() - this.#lastAliveMs < deadAfterMs
  }

  /**
   * Runs until the signal aborts; then finishes the slice, writes, commits and leaves the group.
   *
   * @throws whatever Kafka threw, after the group was left: the process should end, and be started again.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#source) {
        if (!signal.aborted) await this.#take(event, signal)
        if (signal.aborted) break
      }
      await this.#commit()
    } catch (error) {
      this.#metrics.errors++
      this.#log.error({ err: error }, 'Stopped by an error of Kafka')
      throw error
    } finally {
      await this.#source.close()
    }
  }

  async #take(event: SourceEvent, signal: AbortSignal): Promise<void> {
    if (event.kind === 'assigned') await this.#assign(event)
    else if (event.kind === 'batch') await this.#process(event.batch, signal)
    const nowMs = this.#clock.now()
    if (event.kind === 'idle' || nowMs - this.#lastTickMs >= tickIntervalMs) this.#tick(nowMs)
    await this.#flush()
    if (nowMs - this.#lastCommitMs >= this.#config.commitIntervalMs || (event.kind === 'idle' && this.#hasMoved())) await this.#commit()
  }

  async #assign(event: Extract<SourceEvent, { kind: 'assigned' }>): Promise<void> {
    await this.#writing
    this.#metrics.rebalances++
    this.#hasAssignment = true
    const before = new Map(this.#heldByPartition)
    this.#heldByPartition.clear()
    const starts = event.partitions.map((assigned) => {
      const { topic, partition, committed } = assigned
      const held = before.get(partition)
      // Kept only if nobody has worked on the partition since: then the group stands where we left it.
      const isOurs = held !== undefined && held.committed?.offset === committed?.offset && held.committed?.metadata === committed?.metadata
      const now = isOurs ? held : this.#takeOver(assigned)
      now.highWatermark = assigned.logEndOffset
      this.#heldByPartition.set(partition, now)
      // Retention may have passed us by; the broker would refuse an offset that is gone.
      return { topic, partition, offset: Math.max(now.topology.nextOffset, assigned.logStartOffset), isOurs }
    })
    const kept = starts.filter(({ isOurs }) => isOurs).length
    this.#log.info({ partitions: starts.map(({ partition }) => partition), kept, dropped: before.size - kept }, 'Took over partitions')
    event.start(starts.map(({ topic, partition, offset }) => ({ topic, partition, offset })))
  }

  #takeOver({ partition, committed, logStartOffset, logEndOffset }: AssignedPartition): Held {
    const topology = new Topology({ config: this.#config, partition, tallies: this.#metrics.tallies, ...this.#factories })
    const { startFrom } = this.#config
    if (committed === undefined) topology.start(startFrom === 'Earliest' ? logStartOffset : logEndOffset)
    else if (committed.offset > logEndOffset) {
      this.#log.error({ partition, committedOffset: committed.offset, logEndOffset }, 'Committed offset lies behind the end of the log, which must have been made anew')
      topology.start(startFrom === 'Earliest' ? logStartOffset : logEndOffset)
    } else {
      const { startOffset } = topology.resume(committed)
      if (startOffset < logStartOffset) {
        this.#log.warn({ partition, startOffset, logStartOffset }, 'Records of open windows are gone from the log, so these windows come out too small')
      }
    }
    return { topology, committed, highWatermark: logEndOffset, restsAt: undefined }
  }

  async #process(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const held = this.#heldByPartition.get(batch.partition)
    if (held === undefined || batch.isStale()) return
    held.highWatermark = batch.highWatermark
    const { records } = batch
    let nowMs = this.#clock.now()
    let sliceEndMs = nowMs + sliceMs
    for (let i = 0; i < records.length; i++) {
      if (i % recordsPerLook === 0) {
        nowMs = this.#clock.now()
        if (nowMs >= sliceEndMs) {
          await this.#flush()
          await nextTurn()
          // What is left is another's to process, or comes again at the position that we commit.
          if (batch.isStale() || signal.aborted) return
          sliceEndMs = this.#clock.now() + sliceMs
        }
      }
      held.topology.step(records[i]!, nowMs, this.#out)
    }
    held.topology.skipTo(batch.nextOffset)
  }

  #tick(nowMs: number): void {
    this.#lastTickMs = nowMs
    if (!this.#source.isAlive()) {
      // Records may lie in the log that we cannot see: this silence is ours, not the devices'.
      for (const { topology } of this.#heldByPartition.values()) topology.restartSilence(nowMs)
      return
    }
    this.#lastAliveMs = nowMs
    for (const { topology, highWatermark } of this.#heldByPartition.values()) topology.tick(nowMs, topology.nextOffset >= highWatermark, this.#out)
  }

  /** Begins to write what has come out; waits for the write before it. An error of that one comes out here. */
  async #flush(): Promise<void> {
    const effects = this.#out
    const { verdicts, deadLetters, late, judged } = effects
    if (verdicts.length + deadLetters.length + late.length + judged.length === 0) return
    this.#out = noEffects()
    await this.#writing
    this.#writing = this.#write(effects)
    // Seen by whoever waits next; until then it is not unhandled.
    this.#writing.catch(() => {})
  }

  async #write(effects: Effects): Promise<void> {
    await this.#writer.write(effects)
    const nowMs = this.#clock.now()
    for (const { timestampMs, windows } of effects.judged) this.#metrics.latency.observe(Math.max(0, nowMs - timestampMs) / 1_000, windows)
  }

  #hasMoved(): boolean {
    for (const { topology, committed } of this.#heldByPartition.values()) {
      if (!topology.isReplaying && topology.nextOffset !== committed?.offset) return true
    }
    return false
  }

  async #commit(): Promise<void> {
    this.#lastCommitMs = this.#clock.now()
    const positions = [...this.#heldByPartition].flatMap(([partition, held]) => {
      const position = held.topology.position()
      if (position === undefined) return []
      const isSame = position.offset === held.committed?.offset && position.metadata === held.committed.metadata
      // With no window open there is nothing to rebuild, and the watermark of a silent partition need not be told again and again.
      const isAtRest = held.restsAt === position.offset
      return isSame || isAtRest ? [] : [{ topic: this.#config.topic, partition, ...position }]
    })
    if (positions.length === 0) return
    await this.#flush()
    await this.#writing
    try {
      await this.#source.commit(positions)
    } catch (error) {
      if (codeOf(error) !== 'REBALANCE_IN_PROGRESS') throw error
      this.#log.info({}, 'Commit waits for the rebalance to end')
      return
    }
    this.#metrics.commits++
    for (const { partition, offset, metadata } of positions) {
      const held = this.#heldByPartition.get(partition)
      if (held === undefined) continue
      held.committed = { offset, metadata }
      held.restsAt = held.topology.openWindows === 0 ? offset : undefined
    }
  }

  #view(): PartitionView[] {
    return [...this.#heldByPartition].map(([partition, { topology, highWatermark }]) => ({
      partition,
      lag: Math.max(0, highWatermark - topology.nextOffset),
      openWindows: topology.openWindows,
      watermarkMs: topology.watermarkMs,
      groups: topology.countGroups(),
      stateBytes: topology.stateBytes,
    }))
  }
}

/** Lets the event loop do whatever waits. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
