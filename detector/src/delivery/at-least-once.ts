import type { AssignedPartition, RecordSink, RecordSource, TopicAdmin } from '@tidewatch/kafka'
import { codeOf, type Clock, type Logger } from '@tidewatch/kit'
import type { DetectorConfig } from '@tidewatch/api'
import type { DetectorMetrics } from '../metrics.ts'
import { hasOutput, joinEffects, type Effects } from '../effects.ts'
import { OutputWriter } from '../sinks/output-writer.ts'
import type { Delivery, Moment } from './delivery.ts'
import { describeAssigned, GrowthWatch, type AssignedOfTopic } from './growth-watch.ts'
import type { Held } from './held.ts'
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
 *     source   | batch 1 | batch 2 |  ...          | idle |
 *     step       ######    ######     ######
 *     write          ~~~~~~    ~~~~~~     ~~~~~~             one write at a time, while the next batch is processed
 *     commit                            ^                    every commitInterval, after all writes so far are acknowledged
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
  #writing: Promise<void> = Promise.resolve()
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
    await this.#writing
    const { groupId, topic } = this.#config
    this.#partitions = await this.#admin.readPartitionCount(topic)
    return this.#partitions === undefined ? [...assigned] : describeAssigned(assigned, this.#partitions, await this.#admin.readCommitted(groupId, topic))
  }

  /** Errors of writes come out of the `deliver` after them. */
  check(): void {}

  async deliver(held: Iterable<Held>, { nowMs, isIdle }: Moment): Promise<void> {
    const all = [...held]
    await this.#flush(all)
    if (nowMs - this.#lastCommitMs >= this.#config.commitIntervalMs || (isIdle && all.some(({ hasMoved }) => hasMoved))) await this.#commit(all)
  }

  async settle(held: Iterable<Held>): Promise<void> {
    const all = [...held]
    await this.#flush(all)
    await this.#commit(all)
  }

  async close(): Promise<void> {
    await this.#sink.close()
  }

  /** Begins to write what has come out; waits for the write before it. An error of that one comes out here. */
  async #flush(held: readonly Held[]): Promise<void> {
    const effects = joinEffects(held.filter((one) => one.hasOutput).map((one) => one.takeOutput()))
    if (!hasOutput(effects)) return
    await this.#writing
    this.#writing = this.#write(effects)
    // Seen by whoever waits next; until then it is not unhandled.
    this.#writing.catch(() => {})
  }

  async #write(effects: Effects): Promise<void> {
    await this.#growth.check(this.#partitions)
    await this.#writer.write(effects)
    this.#metrics.observeJudged(effects, this.#clock.now())
  }

  async #commit(held: readonly Held[]): Promise<void> {
    this.#lastCommitMs = this.#clock.now()
    const commits = held.flatMap((one) => {
      const commit = one.takeCommit(this.#lastCommitMs)
      return commit === undefined ? [] : [{ held: one, commit }]
    })
    if (commits.length === 0) return
    await this.#writing
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
