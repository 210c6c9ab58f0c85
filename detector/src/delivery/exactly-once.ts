import type { DetectorConfig } from '@tidewatch/api'
import { Fenced, TransactionTimedOut, type AssignedPartition, type CommittedPosition, type OutputRecord, type RecordSource, type TopicAdmin, type TransactionalSink } from '@tidewatch/kafka'
import { codeOf, messageOf, type Clock, type Logger } from '@tidewatch/kit'
import type { DetectorMetrics } from '../metrics.ts'
import { planOutputs } from '../sinks/outputs.ts'
import { SizeLimits } from '../sinks/size-limits.ts'
import type { Delivery, Moment } from './delivery.ts'
import { describeAssigned, GrowthWatch, type AssignedOfTopic } from './growth-watch.ts'
import { isSamePosition, type Commit, type Held } from './held.ts'
import { Lane } from './lane.ts'
import { computeLimit, computePauseMs, computeRetryPauseMs, smoothTookMs } from './pace.ts'
import { reportTooLarge } from './too-large.ts'

export interface ExactlyOnceOptions {
  config: DetectorConfig
  source: RecordSource
  /** Makes the writer of a partition. Its transactional id is the same in every process that may ever hold the partition. */
  createSink: (transactionalId: string) => TransactionalSink
  admin: Pick<TopicAdmin, 'readCommitted' | 'readOffsets' | 'readPartitionCount'>
  metrics: DetectorMetrics
  clock: Clock
  log: Logger
}

/** So long a partition's transactions may fail before a new process is given a chance. */
const failingTooLongMs = 120_000
/** Partitions that begin at the same time. */
const mostBeginning = 8
/** How long a full partition is waited for before it is paused and the others go on. */
const patienceMs = 1_000
/** `settle` gives up after so long: a pod has 30 s to end. */
const settleTimeoutMs = 15_000

/** The id under which a partition is written: by the pipeline's uid, so that one made again never meets those of the one before. */
export function transactionalIdOf({ pipeline, groupId, topic }: Pick<DetectorConfig, 'pipeline' | 'groupId' | 'topic'>, partition: number): string {
  return `${pipeline.uid}-${groupId}-${topic}-${partition}`
}

/**
 * Everything that came of a partition's records goes out in one transaction with the position behind them.
 *
 *     step        ####  ####  ####  ####  ####        records go on being processed ...
 *     transaction     [~~~~~~]     [~~~~~~~~~]        ... while what came before them is on its way: one at a time for each partition
 *     visible                ^               ^        outputs and position, together or not at all
 *
 * A partition that changes hands:
 *
 *     before    [~~~~ x  fenced: aborted, or in as a whole
 *     begin          init |  read the position  |  restore the state  |  start
 *
 * `init` comes before the position is read: it ends what the predecessor has begun, one way or the other, and shuts it out. So the
 * position that is read is the last word.
 *
 * A transaction that fails leaves open whether it is in. The next `init` decides that too: where the group then stands at
 * the transaction's position it is in, where it stands at the one before, the same records go out again.
 */
export class ExactlyOnce implements Delivery {
  readonly #options: ExactlyOnceOptions
  readonly #lanes = new Map<number, Lane>()
  readonly #closing: Promise<void>[] = []
  readonly #sizes = new SizeLimits()
  readonly #growth: GrowthWatch
  /** Transactions may begin by themselves: from the first `deliver` until partitions change hands, or all ends. */
  #isRunning = false

  constructor(options: ExactlyOnceOptions) {
    this.#options = options
    this.#growth = new GrowthWatch(options.admin, options.config.topic)
  }

  async begin(assigned: readonly AssignedPartition[], before: ReadonlyMap<number, Held>): Promise<AssignedOfTopic[]> {
    const { config, admin } = this.#options
    this.#rest()
    await Promise.all([...this.#lanes.values()].map(async ({ inFlight }) => inFlight))
    const wanted = new Set(assigned.map(({ partition }) => partition))
    for (const [partition, lane] of this.#lanes) if (!wanted.has(partition)) this.#leave(lane)
    const lanes = assigned.map(({ partition }) => this.#laneOf(partition))
    for (let i = 0; i < lanes.length; i += mostBeginning) await Promise.all(lanes.slice(i, i + mostBeginning).map((lane) => this.#init(lane)))
    const committed = lanes.length === 0 ? new Map<number, CommittedPosition>() : await admin.readCommitted(config.groupId, config.topic)
    // After the positions: one that was committed meanwhile must not seem to lie behind the end of the log.
    const offsets = lanes.length === 0 ? [] : await admin.readOffsets(config.topic)
    const positioned = assigned.map((one) => {
      const position = committed.get(one.partition)
      const held = before.get(one.partition)
      const lane = this.#laneOf(one.partition)
      if (held !== undefined) this.#resolve(lane, held, position)
      lane.reset()
      // Paused for what it held of an earlier assignment, of which there may be nothing left to wait for.
      this.#resume(lane)
      const bounds = offsets.find(({ partition }) => partition === one.partition)
      return { ...one, ...bounds, committed: position }
    })
    return describeAssigned(positioned, offsets.length, committed)
  }

  check(): void {
    for (const { failure } of this.#lanes.values()) if (failure !== undefined) throw failure
  }

  async deliver(held: Iterable<Held>, moment: Moment): Promise<void> {
    this.#isRunning = true
    for (const one of held) {
      const lane = this.#lanes.get(one.partition)
      if (lane === undefined) continue
      this.#advance(lane, one, moment)
      if (one.fills(lane.limit) && (lane.inFlight !== undefined || lane.needsInit)) await this.#wait(lane, one)
    }
  }

  async settle(held: Iterable<Held>): Promise<void> {
    const { clock, log } = this.#options
    this.#rest()
    const deadlineMs = clock.now() + settleTimeoutMs
    await Promise.all(
      [...held].map(async (one) => {
        const lane = this.#lanes.get(one.partition)
        if (lane === undefined) return
        for (;;) {
          await lane.inFlight
          const nowMs = clock.now()
          // Whoever has the partition now does again what is not in.
          if (codeOf(lane.failure) === Fenced.code) return log.info({ partition: one.partition }, 'Left what is not committed to the new holder of the partition')
          if (lane.failure !== undefined) throw lane.failure
          if (nowMs > deadlineMs) return log.warn({ partition: one.partition }, 'A commit takes too long to be waited for; if this process ends now, its records are processed again')
          if (lane.needsInit) {
            await clock.sleep(Math.max(0, lane.retryAtMs - nowMs))
            this.#advance(lane, one, { nowMs: clock.now(), isIdle: true })
          } else if (!this.#begin(lane, one, nowMs)) return
        }
      }),
    )
  }

  async close(): Promise<void> {
    this.#rest()
    for (const lane of this.#lanes.values()) this.#leave(lane)
    await Promise.all(this.#closing)
  }

  /** Whoever decides on transactions from here on is asked by nobody else. */
  #rest(): void {
    this.#isRunning = false
    for (const lane of this.#lanes.values()) lane.silenceAlarm()
  }

  #laneOf(partition: number): Lane {
    let lane = this.#lanes.get(partition)
    if (lane === undefined) {
      lane = new Lane(partition, this.#options.createSink(transactionalIdOf(this.#options.config, partition)))
      this.#lanes.set(partition, lane)
    }
    return lane
  }

  #leave(lane: Lane): void {
    lane.silenceAlarm()
    this.#lanes.delete(lane.partition)
    this.#closing.push(lane.sink.close())
  }

  /** Shuts out whoever wrote the partition before, ourselves included. */
  async #init(lane: Lane): Promise<void> {
    const { clock, log } = this.#options
    const deadlineMs = clock.now() + failingTooLongMs
    for (let failures = 0; ; failures++) {
      try {
        return await lane.sink.init()
      } catch (error) {
        if (isFinal(error) || clock.now() > deadlineMs) throw error
        log.warn({ err: error, partition: lane.partition }, 'Could not begin with a partition, trying again')
        await clock.sleep(computeRetryPauseMs(failures))
      }
    }
  }

  /** Decides what became of a transaction that failed, by where the group stands after `init`. */
  #resolve(lane: Lane, held: Held, committed: CommittedPosition | undefined): void {
    const { uncertain } = lane
    lane.uncertain = undefined
    if (uncertain === undefined) return
    if (isSamePosition(committed, uncertain.position)) this.#confirm(held, uncertain)
    else held.putBack(uncertain)
  }

  /** Begins what is due, unless something is under way. */
  #advance(lane: Lane, held: Held, { nowMs, isIdle }: Moment): void {
    if (lane.inFlight !== undefined || lane.failure !== undefined) return
    if (lane.needsInit) {
      // Out of touch with the group, the partition may be another's by now: to fence that one would be wrong.
      if (nowMs >= lane.retryAtMs && this.#options.source.isAlive()) this.#run(lane, held, () => this.#recover(lane, held))
      return
    }
    const sinceMs = nowMs - lane.endedAtMs
    const { commitIntervalMs } = this.#options.config
    const pauseMs = this.#computePauseMs(lane, held, nowMs)
    const isDue = held.fills(lane.limit) || (held.hasOutput && sinceMs >= pauseMs) || sinceMs >= commitIntervalMs || (isIdle && held.hasMoved)
    if (isDue) this.#begin(lane, held, nowMs)
    else if (held.hasRecords) this.#wake(lane, held, pauseMs - sinceMs)
  }

  #computePauseMs(lane: Lane, held: Held, nowMs: number): number {
    const { commitIntervalMs } = this.#options.config
    if (held.hasRecords) lane.shownAtMs = nowMs
    let busyPartitions = 0
    for (const { shownAtMs } of this.#lanes.values()) if (nowMs - shownAtMs < commitIntervalMs) busyPartitions++
    return computePauseMs({ tookMs: lane.tookMs ?? 0, commitIntervalMs, isWaitedFor: held.hasRecords && held.isCaughtUp, busyPartitions })
  }

  /** The source may say nothing for a while, and what has come out should not wait for it. */
  #wake(lane: Lane, held: Held, afterMs: number): void {
    if (!this.#isRunning || lane.alarm !== undefined) return
    const { clock } = this.#options
    const alarm = new AbortController()
    lane.alarm = alarm
    void clock.sleep(afterMs, alarm.signal).then(() => {
      if (alarm.signal.aborted) return
      lane.alarm = undefined
      this.#advance(lane, held, { nowMs: clock.now(), isIdle: false })
    })
  }

  /** @returns false where there is nothing to commit. */
  #begin(lane: Lane, held: Held, nowMs: number): boolean {
    const commit = held.takeCommit(nowMs)
    if (commit === undefined) return false
    this.#run(lane, held, () => this.#transact(lane, held, commit))
    return true
  }

  #run(lane: Lane, held: Held, work: () => Promise<void>): void {
    lane.silenceAlarm()
    lane.inFlight = work().then(() => {
      lane.inFlight = undefined
      if (lane.needsInit) return
      this.#resume(lane)
      if (held.hasRecords && this.#isRunning) this.#advance(lane, held, { nowMs: this.#options.clock.now(), isIdle: false })
    })
  }

  #resume(lane: Lane): void {
    const { config, source } = this.#options
    if (!lane.isPaused) return
    lane.isPaused = false
    source.resume([{ topic: config.topic, partition: lane.partition }])
  }

  async #transact(lane: Lane, held: Held, commit: Commit): Promise<void> {
    const { config, clock, metrics, log } = this.#options
    const beganMs = clock.now()
    const { records, ...tooLarge } = this.#sizes.fit(planOutputs(commit.effects, config), beganMs)
    try {
      await this.#growth.check(held.topology.growths.partitions)
      await lane.sink.commit(records, { groupId: config.groupId, positions: [{ topic: config.topic, partition: held.partition, ...commit.position }] })
      lane.endedAtMs = clock.now()
      const tookMs = lane.endedAtMs - beganMs
      lane.tookMs = smoothTookMs(lane.tookMs, tookMs)
      lane.limit = computeLimit(lane.limit, tookMs)
      lane.failures = 0
      reportTooLarge(tooLarge, metrics, log)
      this.#confirm(held, commit)
    } catch (error) {
      metrics.transactionsFailed++
      lane.uncertain = commit
      if (codeOf(error) === TransactionTimedOut.code) lane.limit = computeLimit(lane.limit, Infinity)
      const refused = codeOf(error) === 'RECORD_TOO_LARGE' ? (error as { record?: OutputRecord }).record : undefined
      if (refused === undefined) return this.#fail(lane, error)
      // The same again at once, with less of what is too large. Nothing is wrong with Kafka, and each attempt teaches something.
      this.#sizes.learn(refused, clock.now())
      lane.needsInit = true
      lane.retryAtMs = clock.now()
      lane.failures = 0
      log.warn({ err: error, partition: lane.partition }, 'A record is larger than its topic takes, and goes out in a smaller form')
    }
  }

  /** A new epoch: whatever was under way before is in or gone, and where the group stands tells which. */
  async #recover(lane: Lane, held: Held): Promise<void> {
    const { config, admin } = this.#options
    try {
      await lane.sink.init()
      const committed = (await admin.readCommitted(config.groupId, config.topic)).get(held.partition)
      const isKnown = isSamePosition(committed, held.committed) || isSamePosition(committed, lane.uncertain?.position)
      if (!isKnown) throw new Fenced(`Partition ${held.partition} was worked on by another detector meanwhile: this one must stop`)
      this.#resolve(lane, held, committed)
      lane.needsInit = false
    } catch (error) {
      this.#fail(lane, error)
    }
  }

  #confirm(held: Held, commit: Commit): void {
    const { metrics, clock } = this.#options
    metrics.commits++
    metrics.observeJudged(commit.effects, clock.now())
    held.confirm(commit)
  }

  #fail(lane: Lane, error: unknown): void {
    const { clock, log } = this.#options
    const nowMs = clock.now()
    if (lane.failures === 0) lane.failingSinceMs = nowMs
    lane.retryAtMs = nowMs + computeRetryPauseMs(lane.failures)
    lane.failures++
    lane.needsInit = true
    if (isFinal(error) || nowMs - lane.failingSinceMs > failingTooLongMs) lane.failure = error instanceof Error ? error : new Error(messageOf(error))
    log.warn({ err: error, partition: lane.partition, failures: lane.failures }, 'A transaction failed')
  }

  /** First a little patience, then the partition is paused, so that the others go on and a rebalance is heard of. */
  async #wait(lane: Lane, held: Held): Promise<void> {
    const { config, clock, source } = this.#options
    if (lane.isPaused) return
    const enough = new AbortController()
    await Promise.race([lane.inFlight, clock.sleep(patienceMs, enough.signal)])
    enough.abort()
    if (lane.inFlight === undefined && !lane.needsInit) return
    lane.isPaused = true
    source.pause([{ topic: config.topic, partition: held.partition }])
  }
}

/** Trying again would come to the same. */
function isFinal(error: unknown): boolean {
  return (error as { retry?: unknown } | undefined)?.retry === 'never'
}
