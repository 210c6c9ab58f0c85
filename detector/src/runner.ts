import type { DetectorConfig } from '@tidewatch/api'
import type { AssignedPartition, RecordBatch, RecordSource, SourceEvent } from '@tidewatch/kafka'
import { nextTurn, type Clock, type Logger } from '@tidewatch/kit'
import type { Delivery } from './delivery/delivery.ts'
import type { AssignedOfTopic } from './delivery/growth-watch.ts'
import { Held, isSamePosition } from './delivery/held.ts'
import { countOutputs } from './effects.ts'
import { createFactories } from './factories.ts'
import type { DetectorMetrics, PartitionView } from './metrics.ts'
import type { CheckpointStore } from './state/checkpoint-store.ts'
import { PartitionCheckpoints } from './state/partition-checkpoints.ts'
import { takeOver, type OtherVersions } from './state/take-over.ts'
import { Topology } from './topology.ts'
import { movesWithinMs } from './window/growth.ts'
import type { OnDrift } from './verdict/judge.ts'

/** CPU time after which the event loop gets its turn: heartbeats and probes live on it. */
const sliceMs = 50
/** Records between two looks at the clock. */
const recordsPerLook = 64
/** How often partitions are told the time. */
const tickIntervalMs = 200
/** Partitions whose checkpoints are read at the same time: each may be some tens of megabytes. */
const mostTakenOver = 4

export interface RunnerOptions {
  config: DetectorConfig
  source: RecordSource
  delivery: Delivery
  /** Undefined: state is not kept, and models begin anew with each process. */
  store?: CheckpointStore | undefined
  /** Gives the topic of checkpoints as many partitions as the input has. */
  raiseState?: (partitions: number) => Promise<void>
  /** What to do where another version has written the checkpoints; 'refuse'. */
  otherVersions?: OtherVersions
  metrics: DetectorMetrics
  clock: Clock
  log: Logger
  /** Default: those that the configuration names. */
  factories?: ReturnType<typeof createFactories>
}

/** So long without a word from Kafka the process may be before it is called dead. */
const deadAfterMs = 60_000
/** How often the way down asks whether Kafka is still heard of. */
const outOfTouchLookMs = 250
/** How long what is open is waited for then: on a connection that nobody answers each request runs into its own time-out. */
const outOfTouchCloseMs = 5_000

/**
 * Pulls records, lets them through their partition's topology, and hands what comes out to the delivery, which writes it and commits
 * where we are.
 *
 *     assigned   delivery.begin (fence, final positions) | takeOver (checkpoint, silent replay) | start | first checkpoint
 *     batch      step ... slice of 50 ms ... step ...     deliver
 *     idle       tick                                     deliver
 *     signal     finish: write, commit, checkpoint, leave
 */
export class Runner {
  readonly #config: DetectorConfig
  readonly #factories: ReturnType<typeof createFactories>
  readonly #source: RecordSource
  readonly #delivery: Delivery
  readonly #store: CheckpointStore | undefined
  readonly #otherVersions: OtherVersions
  readonly #metrics: DetectorMetrics
  readonly #clock: Clock
  readonly #log: Logger
  readonly #heldByPartition = new Map<number, Held>()
  readonly #raiseState: RunnerOptions['raiseState']
  #lastTickMs = 0
  #lastAliveMs: number
  #hasAssignment = false
  #hasGivenUp = false

  constructor({ config, source, delivery, store, otherVersions = 'refuse', metrics, clock, log, raiseState, factories = createFactories(config) }: RunnerOptions) {
    this.#config = config
    this.#factories = factories
    this.#source = source
    this.#delivery = delivery
    this.#store = store
    this.#otherVersions = otherVersions
    this.#raiseState = raiseState
    this.#metrics = metrics
    this.#clock = clock
    this.#log = log
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
   * Runs until the signal aborts; then finishes the slice, writes, commits, leaves a checkpoint and the group.
   *
   * @throws whatever Kafka threw, after the group was left: the process should end, and be started again.
   */
  async run(signal: AbortSignal): Promise<void> {
    const work = this.#work(signal)
    const end = new AbortController()
    try {
      await Promise.race([work, this.#giveUp(signal, end.signal)])
    } catch (error) {
      this.#metrics.errors++
      this.#log.error({ err: error }, 'Stopped by an error of Kafka')
      throw error
    } finally {
      end.abort()
      work.catch(() => {})
      const closing = this.#close()
      if (this.#hasGivenUp) await this.#awaitBriefly(closing)
      else await closing
    }
  }

  /** The group goes first: what we still hold of it is committed or left by now. */
  async #close(): Promise<void> {
    await this.#source.close()
    await Promise.all([this.#delivery.close(), this.#store?.close()])
  }

  /** Kafka notices by itself, at the end of the session, what it cannot be told. */
  async #awaitBriefly(closing: Promise<void>): Promise<void> {
    const enough = new AbortController()
    const told = closing.then(() => undefined, (error: unknown) => this.#log.warn({ err: error }, 'Could not take leave of Kafka'))
    await Promise.race([told, this.#clock.sleep(outOfTouchCloseMs, enough.signal)])
    enough.abort()
  }

  async #work(signal: AbortSignal): Promise<void> {
    for await (const event of this.#source) {
      if (!signal.aborted) await this.#take(event, signal)
      if (signal.aborted) break
    }
    await this.#finish()
  }

  /** On the way down, resolves when nothing is heard of Kafka any more: whoever waits for this process need not wait for Kafka too. */
  async #giveUp(signal: AbortSignal, end: AbortSignal): Promise<void> {
    await onceAborted(AbortSignal.any([signal, end]))
    while (!end.aborted && this.#source.isAlive()) await this.#clock.sleep(outOfTouchLookMs, end)
    if (end.aborted) return
    this.#hasGivenUp = true
    this.#log.warn('Kafka does not answer on the way down: what is not committed is processed again by the next detector')
  }

  async #take(event: SourceEvent, signal: AbortSignal): Promise<void> {
    if (event.kind === 'assigned') return this.#assign(event)
    // A rebalance is told before anything else: what failed until now failed while the partition was ours.
    this.#delivery.check()
    if (event.kind === 'batch') {
      await this.#process(event.batch, signal)
      if (event.batch.isStale()) return
    }
    const nowMs = this.#clock.now()
    const isIdle = event.kind === 'idle'
    if (isIdle || nowMs - this.#lastTickMs >= tickIntervalMs) this.#tick(nowMs)
    await this.#delivery.deliver(this.#heldByPartition.values(), { nowMs, isIdle })
  }

  async #assign(event: Extract<SourceEvent, { kind: 'assigned' }>): Promise<void> {
    this.#metrics.rebalances++
    const before = new Map(this.#heldByPartition)
    const partitions = await this.#delivery.begin(event.partitions, before)
    this.#heldByPartition.clear()
    const [first] = partitions
    if (first?.partitionCount !== undefined) await this.#raiseState?.(first.partitionCount)
    const isOurs = (one: AssignedOfTopic): boolean => isUntouched(before.get(one.partition), one)
    const taken = partitions.filter((one) => !isOurs(one))
    for (const one of partitions) if (isOurs(one)) this.#hold(before.get(one.partition)!, one)
    for (let i = 0; i < taken.length; i += mostTakenOver) {
      await Promise.all(taken.slice(i, i + mostTakenOver).map(async (one) => this.#hold(await this.#takeOver(one), one)))
    }
    this.#hasAssignment = true
    const kept = partitions.length - taken.length
    this.#log.info({ partitions: partitions.map(({ partition }) => partition), kept, dropped: before.size - kept }, 'Took over partitions')
    event.start(
      partitions.map(({ topic, partition, logStartOffset }) => {
        // Retention may have passed us by; the broker would refuse an offset that is gone.
        const { nextOffset } = this.#heldByPartition.get(partition)!.topology
        return { topic, partition, offset: Math.max(nextOffset, logStartOffset) }
      }),
    )
    await this.#begin(taken)
  }

  #hold(held: Held, { logEndOffset }: AssignedPartition): void {
    held.highWatermark = logEndOffset
    this.#heldByPartition.set(held.partition, held)
  }

  /**
   * Commits where new partitions begin, and leaves a first checkpoint there, before any record is taken in: so there is a state to
   * go back to from the first record on.
   */
  async #begin(taken: readonly AssignedPartition[]): Promise<void> {
    const held = taken.map(({ partition }) => this.#heldByPartition.get(partition)!)
    await this.#delivery.settle(held)
    await Promise.all(held.map((one) => one.settleCheckpoint()))
  }

  async #takeOver(assigned: AssignedOfTopic): Promise<Held> {
    const { partition, partitionCount, isAdded = false } = assigned
    // What came to it before anybody knew of it is the group's to process, wherever the group began.
    const startFrom = isAdded ? 'Earliest' : this.#config.startFrom
    const createTopology = () => new Topology({ config: this.#config, partition, tallies: this.#metrics.tallies, onDrift: this.#noteDrift(partition), ...this.#factories })
    const { topology, from, restoredOffset, committed } = await takeOver({ assigned, startFrom, createTopology, store: this.#store, otherVersions: this.#otherVersions, log: this.#log })
    this.#metrics.takeovers[from]++
    const checkpoints =
      this.#store === undefined
        ? undefined
        : new PartitionCheckpoints({ store: this.#store, partition, intervalMs: this.#config.checkpoint.intervalMs, restoredOffset, metrics: this.#metrics, clock: this.#clock, log: this.#log })
    const held = new Held({ partition, topology, committed, highWatermark: assigned.logEndOffset, checkpoints })
    if (partitionCount !== undefined) this.#noteGrowth(held, partitionCount, isAdded)
    return held
  }

  /** Only what changes verdicts is worth a line: a drift that comes to nothing is in the metrics. */
  #noteDrift(partition: number): OnDrift {
    return (step, { key, generation }) => {
      if (step === 'replaced') this.#log.info({ partition, model: key, generation }, 'What is normal has changed: a new model, that learned only since, has taken the place of the old one')
    }
  }

  #noteGrowth(held: Held, partitions: number, isAdded: boolean): void {
    const { partition, topology } = held
    const before = topology.growths.partitions
    if (topology.meetPartitions(partitions, isAdded)) {
      this.#log.warn({ partition, partitions, before, isAdded }, 'The input has more partitions than before: windows of which a part may lie in another partition are not judged, and keys that move begin with new models')
    }
    if (topology.growths.isMoving) held.growingSinceMs = this.#clock.now()
  }

  async #process(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const held = this.#heldByPartition.get(batch.partition)
    if (held === undefined || batch.isStale()) return
    held.highWatermark = batch.highWatermark
    const record = batch.cursor()
    let nowMs = this.#clock.now()
    let sliceEndMs = nowMs + sliceMs
    for (let i = 0; record.next(); i++) {
      if (i % recordsPerLook === 0) {
        nowMs = this.#clock.now()
        if (nowMs >= sliceEndMs) {
          await this.#delivery.deliver([held], { nowMs, isIdle: false })
          await nextTurn()
          // What is left is another's to process, or comes again at the position that we commit.
          if (batch.isStale() || signal.aborted) return
          sliceEndMs = this.#clock.now() + sliceMs
        }
      }
      held.topology.step(record, nowMs, held.out)
    }
    held.topology.skipTo(batch.nextOffset)
    if (held.topology.replayDiverged && !held.isDivergenceTold) {
      held.isDivergenceTold = true
      this.#log.warn({ partition: held.partition }, 'Records after the checkpoint came to something else than they did before: some are gone from the log, or the clock was wrong')
    }
  }

  #tick(nowMs: number): void {
    this.#lastTickMs = nowMs
    const held = [...this.#heldByPartition.values()]
    if (!this.#source.isAlive()) {
      // Records may lie in the log that we cannot see: this silence is ours, not the devices'.
      for (const { topology } of held) topology.restartSilence(nowMs)
      return
    }
    this.#lastAliveMs = nowMs
    for (const one of held) {
      const { topology, highWatermark, partition, growingSinceMs } = one
      if (growingSinceMs === undefined || nowMs - growingSinceMs < movesWithinMs) continue
      one.growingSinceMs = undefined
      topology.growths.end(highWatermark)
      this.#log.info({ partition, untilOffset: highWatermark }, 'Every key is where it will stay: windows are judged as before from here on')
    }
    for (const { topology, highWatermark, out } of held) topology.tick(nowMs, topology.nextOffset >= highWatermark, out)
  }

  async #finish(): Promise<void> {
    const held = [...this.#heldByPartition.values()]
    await this.#delivery.settle(held)
    // One that is being written goes on; where all is committed, one of just that position spares the next holder the replay.
    await Promise.all(held.map((one) => one.checkpointNow()))
  }

  #view(): PartitionView[] {
    return [...this.#heldByPartition].map(([partition, { topology, highWatermark, out }]) => ({
      partition,
      lag: Math.max(0, highWatermark - topology.nextOffset),
      openWindows: topology.openWindows,
      watermarkMs: topology.watermarkMs,
      groups: topology.countGroups(),
      stateBytes: topology.stateBytes,
      waiting: countOutputs(out),
      isGrowing: topology.growths.isMoving,
    }))
  }
}

/** Nobody has worked on the partition since: the group stands where we left it, and no key can have left it meanwhile. */
function isUntouched(held: Held | undefined, { committed, partitionCount }: AssignedOfTopic): boolean {
  return held !== undefined && isSamePosition(held.committed, committed) && (partitionCount === undefined || held.topology.growths.partitions === partitionCount)
}

function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
}
