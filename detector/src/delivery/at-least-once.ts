import type { AssignedPartition, RecordSink, RecordSource, TopicAdmin } from '@tidewatch/kafka'
import { codeOf, messageOf, type Clock, type Logger } from '@tidewatch/kit'
import type { DetectorConfig } from '@tidewatch/api'
import type { DetectorMetrics } from '../metrics.ts'
import { hasOutput, joinEffects, noEffects, type Effects } from '../effects.ts'
import { OutputWriter } from '../sinks/output-writer.ts'
import type { Delivery, Moment } from './delivery.ts'
import { describeAssigned, GrowthWatch, type AssignedOfTopic } from './growth-watch.ts'
import type { Commit, Held } from './held.ts'
import { fillsLimit, largestTransaction } from './pace.ts'
import { reportTooLarge } from './too-large.ts'

export interface AtLeastOnceOptions {
  config: DetectorConfig
  source: RecordSource
  sink: RecordSink
  admin: Pick<TopicAdmin, 'readCommitted' | 'readPartitionCount'>
  metrics: DetectorMetrics
  clock: Clock
  log: Logger
}

/**
 * Writes first, commits afterwards.
 *
 *     source   | batch 1 | batch 2 | batch 3 | batch 4 |  ...       goes on: neither a write nor a commit is waited for
 *     step       ######    ######    ######    ######
 *     write             ~~~~~~~~~~~~~~ ~~~~~~~~~~~~~~~~~            one at a time; what comes out meanwhile goes with the next one
 *     commit                                            ^           every commitInterval, when all writes up to its positions are acknowledged
 *
 * Only where more waits to be written than may be held is the write under way waited for.
 *
 * After a crash the records since the commit are processed again; verdicts that were written already appear a second time, under
 * the same id.
 */
export class AtLeastOnce implements Delivery {
  readonly #config: DetectorConfig
  readonly #source: RecordSource
  readonly #sink: RecordSink
  readonly #writer: OutputWriter
  readonly #admin: AtLeastOnceOptions['admin']
  readonly #growth: GrowthWatch
  /** With how many partitions of the input the work was begun. */
  #partitions: number | undefined
  readonly #metrics: DetectorMetrics
  readonly #clock: Clock
  readonly #log: Logger
  /** The write under way, or the last one. */
  #writing: Promise<void> = Promise.resolve()
  /** What has come out since it began. */
  #waiting: Effects = noEffects()
  /** The write after it, which takes all that waits then. */
  #next: Promise<void> | undefined
  #committing: Promise<void> | undefined
  /** What went wrong first; comes out with the next event. */
  #failure: Error | undefined
  #lastCommitMs: number

  constructor({ config, source, sink, admin, metrics, clock, log }: AtLeastOnceOptions) {
    this.#admin = admin
    this.#growth = new GrowthWatch(admin, config.topic)
    this.#config = config
    this.#source = source
    this.#sink = sink
    this.#writer = new OutputWriter({ config, sink, clock, onTooLarge: (tooLarge) => reportTooLarge(tooLarge, metrics, log) })
    this.#metrics = metrics
    this.#clock = clock
    this.#log = log
    this.#lastCommitMs = clock.now()
  }

  async begin(assigned: readonly AssignedPartition[]): Promise<AssignedOfTopic[]> {
    // Positions of an assignment that is no more are refused, and must not be told under the next one.
    await this.#committing
    await this.#flush()
    const { groupId, topic } = this.#config
    this.#partitions = await this.#admin.readPartitionCount(topic)
    return this.#partitions === undefined ? [...assigned] : describeAssigned(assigned, this.#partitions, await this.#admin.readCommitted(groupId, topic))
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async deliver(held: Iterable<Held>, { nowMs, isIdle }: Moment): Promise<void> {
    this.check()
    const all = [...held]
    const written = this.#take(all)
    const isDue = nowMs - this.#lastCommitMs >= this.#config.commitIntervalMs || (isIdle && all.some(({ hasMoved }) => hasMoved))
    if (isDue && this.#committing === undefined) this.#commit(all, written)
    if (fillsLimit(this.#waiting, largestTransaction)) await this.#writing
    // There is nothing else to do.
    if (isIdle) await Promise.all([written, this.#committing])
  }

  async settle(held: Iterable<Held>): Promise<void> {
    await this.#committing
    const all = [...held]
    this.#commit(all, this.#take(all))
    await this.#committing
    this.check()
  }

  async close(): Promise<void> {
    await this.#sink.close()
  }

  /** Takes what has come out, to be written. @returns when it is, and all before it. */
  #take(held: readonly Held[]): Promise<void> {
    const out = held.filter((one) => one.hasOutput).map((one) => one.takeOutput())
    if (out.length > 0) this.#waiting = joinEffects([this.#waiting, ...out])
    return this.#flush()
  }

  #flush(): Promise<void> {
    if (!hasOutput(this.#waiting)) return this.#writing
    // After one that failed none follows.
    this.#next ??= this.#writing.then(() => {
      const effects = this.#waiting
      this.#waiting = noEffects()
      this.#next = undefined
      this.#writing = this.#write(effects)
      return this.#writing
    })
    this.#next.catch(this.#note)
    return this.#next
  }

  async #write(effects: Effects): Promise<void> {
    await this.#growth.check(this.#partitions)
    await this.#writer.write(effects)
    this.#metrics.observeJudged(effects, this.#clock.now())
  }

  readonly #note = (error: unknown): void => {
    this.#failure ??= error instanceof Error ? error : new Error(messageOf(error))
  }

  /** Begins a commit of where partitions are now, all of whose output is in what `written` stands for. */
  #commit(held: readonly Held[], written: Promise<void>): void {
    this.#lastCommitMs = this.#clock.now()
    const commits = held.flatMap((one) => {
      const commit = one.takeCommit(this.#lastCommitMs)
      return commit === undefined ? [] : [{ held: one, commit }]
    })
    if (commits.length === 0) return
    this.#committing = this.#commitAfter(written, commits)
      .catch(this.#note)
      .finally(() => (this.#committing = undefined))
  }

  async #commitAfter(written: Promise<void>, commits: readonly { held: Held; commit: Commit }[]): Promise<void> {
    await written
    await this.#growth.check(this.#partitions)
    try {
      await this.#source.commit(commits.map(({ held, commit }) => ({ topic: this.#config.topic, partition: held.partition, ...commit.position })))
    } catch (error) {
      if (codeOf(error) !== 'REBALANCE_IN_PROGRESS') throw error
      this.#log.info({}, 'Commit waits for the rebalance to end')
      return
    }
    this.#metrics.commits++
    for (const { held, commit } of commits) held.confirm(commit)
  }
}
