import { AppError, nextTurn, type Logger } from '@tidewatch/kit'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import { createTopicAdmin } from './admin.ts'
import { createClient, type Client } from './connection.ts'
import {
  causesOf,
  Closed,
  CommitFailed,
  isHopeless,
  isProtocolError,
  reasonOf,
  RebalanceInProgress,
  rebalanceErrors,
  SourceCrashed,
  toAppError,
  TopicMissing,
} from './errors.ts'
import type {
  AssignedPartition,
  CommittedPosition,
  RecordBatch,
  RecordSource,
  SourceEvent,
  TopicPartition,
} from './ports.ts'
import { FetchedBatch } from './library/fetched-batch.ts'
import { PartitionAssigners } from './library/kafkajs.ts'
import { ReadAhead } from './read-ahead.ts'
import { cursorOf, toRecords } from './records.ts'
import { Membership } from './source-assigner.ts'
import { sourceDefaults, type RecordSourceOptions, type SourceSettings } from './source-options.ts'

/** How long a commit is tried again while a broker restarts. */
const commitTimeoutMs = 30_000
const commitPauseMs = 200
/** Between two attempts to read the positions of an assignment. */
const positionsPauseMs = 500
/** How long `close` waits for the group to be left in order before it cuts the connections. */
const leaveTimeoutMs = 5_000

/**
 * Reads a topic as a member of a consumer group.
 *
 * It connects and joins when the iteration begins, and one iteration is all there is.
 *
 * The flow, with what runs where:
 *
 *     kafkajs   GROUP_JOIN: pause all --- fetch: nothing --- fetch --- eachBatch, eachBatch parks ----- fetch ---
 *     source          read positions, `assigned`                 \  read ahead          / half of it is taken
 *     reader                             start(): seek, resume ---    takes a batch, works, asks again, takes ...
 *
 * What was fetched waits in the source for its reader, up to half a fetch, and kafkajs fetches on. What is beyond that parks: kafkajs
 * waits until there is room, and heartbeats go by our timer meanwhile. When the group rebalances, whatever waits or is parked
 * is withdrawn and the member joins again at once, whatever the reader is doing; its batches are stale from then on and its
 * commits are refused.
 */
export function createRecordSource(options: RecordSourceOptions): RecordSource {
  return new KafkaRecordSource({ ...sourceDefaults, ...options })
}

type Batch = EachBatchPayload['batch'] | FetchedBatch

/** What waits for the reader: kafkajs has gone on already. */
interface Waiting {
  partition: number
  bytes: number
  batch: Batch
}

/** A batch for which there is no room; settling it lets kafkajs go on. */
interface Parked {
  payload: EachBatchPayload
  resolve: () => void
  reject: (reason: unknown) => void
}

class KafkaRecordSource implements RecordSource {
  readonly #settings: SourceSettings
  readonly #client: Client
  readonly #consumer: Consumer
  readonly #log: Logger
  readonly #membership: Membership

  /** Counts the assignments; what was given out under an earlier one is stale. */
  #generation = 0
  /** The partitions of the current assignment. */
  #assigned = new Set<number>()
  /** True from the reader's `start` until the next rebalance. */
  #isStarted = false
  #pausedByReader = new Set<number>()
  /** A commit's answer that kafkajs has to see as well, so that it joins again now and not at the next heartbeat. */
  #rebalanceError: Error | undefined

  #assignment: SourceEvent | undefined
  readonly #ahead: ReadAhead<Waiting>
  #parked: Parked | undefined
  #failure: AppError | undefined
  #wake: (() => void) | undefined

  #hasBegun = false
  #isClosed = false
  #closing: Promise<void> | undefined
  /** Resolves when kafkajs is neither connecting nor joining for the first time. */
  #settled = Promise.resolve()
  #heartbeat: NodeJS.Timeout | undefined
  /** kafkajs' commit without its retries, which could carry an old position into a new generation. */
  #commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined
  #heardAtMs: number
  #polledAtMs: number

  constructor(settings: SourceSettings) {
    this.#settings = settings
    this.#log = settings.log.child({ topic: settings.topic, groupId: settings.groupId })
    this.#client = createClient(settings.connection, settings.log)
    this.#membership = new Membership(settings.instanceId)
    this.#ahead = new ReadAhead(settings.maxBytes / 2)
    this.#consumer = this.#client.kafka.consumer({
      groupId: settings.groupId,
      // The second is for groups in which members of an earlier version are still at work.
      partitionAssigners: [this.#membership.assigner, PartitionAssigners.roundRobin],
      sessionTimeout: settings.sessionTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      metadataMaxAge: settings.metadataMaxAgeMs,
      maxWaitTimeInMs: settings.maxWaitMs,
      maxBytes: settings.maxBytes,
      maxBytesPerPartition: settings.maxBytesPerPartition,
      readUncommitted: settings.readUncommitted,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: async (error) => !this.#isClosed && !isHopeless(error) },
    })
    this.#heardAtMs = this.#polledAtMs = settings.clock.now()
    this.#listen()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SourceEvent> {
    if (this.#hasBegun) throw new Error('A record source can be iterated once')
    this.#hasBegun = true
    if (!this.#isClosed) this.#settled = this.#begin()
    for (;;) {
      const event = await this.#next()
      if (event === undefined) return
      yield event
    }
  }

  /** The next event; undefined when closed. */
  async #next(): Promise<SourceEvent | undefined> {
    // Between two batches sockets are read too, or nothing would come while there is something to do.
    await nextTurn()
    for (;;) {
      this.#polledAtMs = this.#settings.clock.now()
      if (this.#isClosed) return undefined
      if (this.#failure !== undefined) throw this.#failure
      const assignment = this.#assignment
      if (assignment !== undefined) {
        this.#assignment = undefined
        return assignment
      }
      const batch = this.#takeFirst()
      if (batch !== undefined) return this.#tell(batch)
      const isWoken = await this.#waitForNews()
      if (!isWoken && this.#isStarted) return { kind: 'idle' }
    }
  }

  /** Resolves with true when something has happened, with false when nothing has for a while. */
  #waitForNews(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#wake = undefined
        resolve(false)
      }, this.#settings.idleAfterMs)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve(true)
      }
    })
  }

  /** The batch that the reader gets next; kafkajs goes on where there is room for what it has parked. */
  #takeFirst(): Batch | undefined {
    const waiting = this.#ahead.take((partition) => this.#pausedByReader.has(partition))
    const parked = this.#parked
    if (parked === undefined || (waiting !== undefined && !this.#ahead.add(waitingOf(parked.payload)))) return waiting?.batch
    this.#parked = undefined
    this.#pass(parked.payload)
    parked.resolve()
    return waiting?.batch ?? parked.payload.batch
  }

  /** Tells kafkajs that the next fetch follows this batch. */
  #pass(payload: EachBatchPayload): void {
    // Not after eachBatch: a parked batch that was withdrawn must be fetched again. lastOffset() is beyond control
    // records and gaps at the batch's end, so that a fetch never stands still before them.
    payload.resolveOffset(payload.batch.lastOffset())
  }

  #tell(batch: Batch): SourceEvent {
    const generation = this.#generation
    const recordBatch: RecordBatch = {
      topic: batch.topic,
      partition: batch.partition,
      get records() {
        return toRecords(cursorOf(batch))
      },
      cursor: () => cursorOf(batch),
      nextOffset: Number(batch.lastOffset()) + 1,
      highWatermark: Number(batch.highWatermark),
      isStale: () => this.#generation !== generation || !this.#isStarted,
    }
    return { kind: 'batch', batch: recordBatch }
  }

  // ---- kafkajs' side

  async #begin(): Promise<void> {
    const { topic } = this.#settings
    try {
      await this.#requireTopic()
      await this.#consumer.connect()
      // Only for a partition that retention overtakes while it is read; where to begin is the reader's decision.
      await this.#consumer.subscribe({ topic, fromBeginning: true })
      if (this.#isClosed) return
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: (payload) => this.#park(payload),
      })
    } catch (error) {
      this.#fail(error instanceof AppError ? error : toAppError(error, `Could not read ${topic}`))
    }
  }

  async #requireTopic(): Promise<void> {
    const { topic, groupId } = this.#settings
    if ((await this.#withAdmin((admin) => admin.readPartitionCount(topic))) !== undefined) return
    throw new TopicMissing(
      `There is no topic ${topic} for group ${groupId} to read: create it, or correct the name of the source's topic`,
    )
  }

  #listen(): void {
    const { events } = this.#consumer
    const on = this.#consumer.on.bind(this.#consumer)
    on(events.GROUP_JOIN, ({ payload }) => this.#onJoin(payload.memberAssignment[this.#settings.topic] ?? []))
    on(events.REBALANCING, () => this.#revoke())
    on(events.CRASH, ({ payload }) => this.#onCrash(payload))
    // Not FETCH: kafkajs reports a fetch that failed as one that brought nothing.
    on(events.HEARTBEAT, () => {
      this.#heardAtMs = this.#settings.clock.now()
    })
  }

  /**
   * Runs inside kafkajs' emit, before it can send the first fetch of the new generation: what is paused here is not
   * fetched, and a fetch of the old generation that is still under way is dropped by kafkajs when it comes back.
   */
  #onJoin(partitions: number[]): void {
    this.#revoke()
    this.#rebalanceError = undefined
    this.#heardAtMs = this.#settings.clock.now()
    const generation = ++this.#generation
    this.#assigned = new Set(partitions)
    this.#membership.take(partitions)
    if (this.#isClosed) return
    if (partitions.length > 0) this.#consumer.pause([{ topic: this.#settings.topic, partitions }])
    this.#log.info({ partitions, generation: this.#membership.generation }, 'Joined the group')
    void this.#prepareAssignment(generation)
  }

  /** Nothing that was given out counts any more. */
  #revoke(): void {
    this.#withdraw()
    this.#assignment = undefined
    const parked = this.#parked
    this.#parked = undefined
    parked?.resolve()
  }

  #onCrash({ error, restart }: { error: Error; restart: boolean }): void {
    this.#revoke()
    this.#assigned.clear()
    this.#commitOnce = undefined
    if (restart) {
      this.#log.warn({ err: error }, 'Consumer begins anew after an error')
    } else if (!this.#isClosed) {
      const { topic, groupId } = this.#settings
      const reason = reasonOf(error)
      this.#fail(new SourceCrashed(`Group ${groupId} stopped reading ${topic}: ${reason}`, { cause: error }))
    }
  }

  /** Reads where the group stands and where the log begins and ends; then the reader decides. */
  async #prepareAssignment(generation: number): Promise<void> {
    const { topic, clock } = this.#settings
    while (generation === this.#generation && !this.#isClosed) {
      try {
        const partitions = await this.#readPositions()
        if (generation !== this.#generation) return
        this.#assignment = { kind: 'assigned', partitions, start: (at) => this.#start(generation, partitions, at) }
        this.#wake?.()
        return
      } catch (error) {
        const refusal = error instanceof AppError ? error : toAppError(error, `Could not read the positions in ${topic}`)
        if (refusal.retry === 'never') return this.#fail(refusal)
        // We hold the partitions for as long as our heartbeats get through; when they do not, kafkajs joins anew.
        this.#log.warn({ err: error }, 'Could not read the positions of an assignment, trying again')
        await clock.sleep(positionsPauseMs)
      }
    }
  }

  async #readPositions(): Promise<AssignedPartition[]> {
    const { topic, groupId } = this.#settings
    const [committed, offsets] = await this.#withAdmin((admin) =>
      Promise.all([admin.readCommitted(groupId, topic), admin.readOffsets(topic)]),
    )
    const assigned = offsets.filter(({ partition }) => this.#assigned.has(partition))
    // Another broker may know of new partitions later than the group's leader did.
    if (assigned.length < this.#assigned.size) throw new Error(`not all assigned partitions of ${topic} are known yet`)
    return assigned.map((one) => ({ topic, ...one, committed: committed.get(one.partition) }))
  }

  async #withAdmin<Answer>(ask: (admin: ReturnType<typeof createTopicAdmin>) => Promise<Answer>): Promise<Answer> {
    const { connection, log } = this.#settings
    const admin = createTopicAdmin({ connection, log })
    try {
      return await ask(admin)
    } finally {
      await admin.close()
    }
  }

  /** The reader's answer to `assigned`; one to an assignment that is no more is passed over, the next is on its way. */
  #start(generation: number, partitions: AssignedPartition[], at: (TopicPartition & { offset: number })[]): void {
    if (generation !== this.#generation || this.#isClosed) return
    if (this.#isStarted) throw new Error('start() was called twice for one assignment')
    const { topic } = this.#settings
    const resumed: number[] = []
    for (const { partition, logStartOffset } of partitions) {
      const offset = at.find((one) => one.topic === topic && one.partition === partition)?.offset
      if (offset === undefined) throw new Error(`start() names no offset for partition ${partition} of ${topic}`)
      // Retention may have deleted what was asked for; kafkajs would be told so by the broker, one fetch later.
      this.#consumer.seek({ topic, partition, offset: String(Math.max(offset, logStartOffset)) })
      if (!this.#pausedByReader.has(partition)) resumed.push(partition)
    }
    for (const partition of this.#pausedByReader)
      if (!this.#assigned.has(partition)) this.#pausedByReader.delete(partition)
    this.#isStarted = true
    // After the seeks: a fetch between the two would begin somewhere else.
    if (resumed.length > 0) this.#consumer.resume([{ topic, partitions: resumed }])
  }

  /** kafkajs waits for the promise before it goes on to the next batch, and after the last one to the next fetch. */
  #park(payload: EachBatchPayload): Promise<void> {
    this.#commitOnce = (offsets) => payload.commitOffsetsIfNecessary(offsets)
    if (this.#rebalanceError !== undefined) {
      const error = this.#rebalanceError
      this.#rebalanceError = undefined
      return Promise.reject(error)
    }
    // What lies in kafkajs' queue behind a batch that was withdrawn; going on with it is the rebalance storm.
    const { partition } = payload.batch
    if (this.#isClosed || !this.#isStarted || !this.#assigned.has(partition)) return Promise.resolve()
    // Fetched before it was paused: it comes again after `resume`.
    if (this.#pausedByReader.has(partition)) return Promise.resolve()
    if (this.#ahead.add(waitingOf(payload))) {
      this.#pass(payload)
      this.#wake?.()
      return Promise.resolve()
    }
    // Asked three times as often as is needed; kafkajs sends only what is due.
    this.#heartbeat ??= setInterval(() => void this.#beat(), this.#settings.heartbeatIntervalMs / 3)
    return new Promise((resolve, reject) => {
      this.#parked = { payload, resolve, reject }
      this.#wake?.()
    })
  }

  /** Signs of life while a batch is parked; at all other times kafkajs sends them between its fetches. */
  async #beat(): Promise<void> {
    const parked = this.#parked
    if (parked === undefined) return this.#stopBeating()
    try {
      await parked.payload.heartbeat()
    } catch (error) {
      if (isProtocolError(error, rebalanceErrors)) this.#withdraw()
      // Taken by the reader in the meantime: kafkajs will meet the same answer by itself.
      if (this.#parked !== parked) return
      this.#parked = undefined
      parked.reject(error)
    }
  }

  /** Nothing to wake up for where nothing is parked. */
  #stopBeating(): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  #fail(error: AppError): void {
    this.#failure ??= error
    this.#revoke()
    this.#stopBeating()
    this.#wake?.()
  }

  // ---- the reader's side

  async commit(positions: (TopicPartition & CommittedPosition)[]): Promise<void> {
    if (positions.length === 0) return
    const generation = this.#generation
    const { topic, groupId, clock } = this.#settings
    const deadlineMs = clock.now() + commitTimeoutMs
    const offsets = positions.map(({ partition, offset, metadata }) => ({
      partition,
      offset: String(offset),
      metadata,
    }))
    for (;;) {
      this.#assertOurs(generation, positions)
      try {
        if (this.#commitOnce !== undefined) await this.#commitOnce({ topics: [{ topic, partitions: offsets }] })
        // Before the first batch of this consumer there is only the slow way.
        else await this.#consumer.commitOffsets(offsets.map((one) => ({ topic, ...one })))
        return
      } catch (error) {
        this.#assertOurs(generation, positions)
        if (isProtocolError(error, rebalanceErrors)) {
          this.#passOnRebalance(error)
          throw rebalancing(error)
        }
        const refusal = toAppError(error, `Could not commit positions of group ${groupId}`)
        if (refusal.retry === 'never') throw refusal
        if (clock.now() > deadlineMs) throw new CommitFailed(refusal.message, { cause: error })
        this.#log.debug({ err: error }, 'Commit failed and is tried again')
        await clock.sleep(commitPauseMs)
      }
    }
  }

  #assertOurs(generation: number, positions: readonly TopicPartition[]): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isClosed) throw new Closed('The source was closed; nothing was committed')
    const isOurs = positions.every(
      ({ topic, partition }) => topic === this.#settings.topic && this.#assigned.has(partition),
    )
    if (generation !== this.#generation || !this.#isStarted || !isOurs) throw rebalancing()
  }

  /** The group is about to tell anew what is whose. */
  #withdraw(): void {
    this.#isStarted = false
    this.#ahead.clear()
  }

  /** kafkajs has not heard of it yet: without this it would go on fetching until its next heartbeat. */
  #passOnRebalance(thrown: unknown): void {
    this.#withdraw()
    // The broker's answer itself; what kafkajs wraps it in it would not know again, and crash.
    const isAnswer = ({ type }: { type?: string }) => rebalanceErrors.includes(type ?? '')
    const error = causesOf(thrown).find(isAnswer) as Error
    const parked = this.#parked
    this.#parked = undefined
    if (parked === undefined) this.#rebalanceError = error
    else parked.reject(error)
  }

  pause(partitions: TopicPartition[]): void {
    for (const { partition } of partitions) this.#pausedByReader.add(partition)
    if (this.#isStarted) this.#consumer.pause(this.#toKafkajs(partitions))
    // What was parked before it was paused is fetched again after `resume`; what waits goes on waiting.
    const parked = this.#parked
    if (parked === undefined || !this.#pausedByReader.has(parked.payload.batch.partition)) return
    this.#parked = undefined
    parked.resolve()
  }

  resume(partitions: TopicPartition[]): void {
    for (const { partition } of partitions) this.#pausedByReader.delete(partition)
    if (this.#isStarted) this.#consumer.resume(this.#toKafkajs(partitions))
    this.#wake?.()
  }

  #toKafkajs(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
    const ours = partitions.filter(({ partition }) => this.#assigned.has(partition))
    return [{ topic: this.#settings.topic, partitions: ours.map(({ partition }) => partition) }]
  }

  isAlive(): boolean {
    const { clock, aliveWithinMs, maxPollIntervalMs } = this.#settings
    if (this.#failure !== undefined || this.#isClosed) return false
    const nowMs = clock.now()
    if (nowMs - this.#heardAtMs > aliveWithinMs) return false
    return !this.#hasBegun || nowMs - this.#polledAtMs <= maxPollIntervalMs
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    this.#stopBeating()
    this.#revoke()
    this.#wake?.()
    // A kafkajs consumer that is told to stop before it has joined goes on joining, unseen (tulios/kafkajs#1593).
    const leave = this.#settled.then(() => this.#consumer.disconnect())
    const deadline = this.#settings.clock.sleep(leaveTimeoutMs)
    await Promise.race([leave.catch(() => {}), deadline])
    this.#client.destroy()
  }
}

/** What kafkajs has decoded by itself has no size that is known, and is not read ahead. */
function waitingOf({ batch }: { batch: Batch }): Waiting {
  return { partition: batch.partition, bytes: batch instanceof FetchedBatch ? batch.bytes : Infinity, batch }
}

function rebalancing(cause?: unknown): AppError {
  return new RebalanceInProgress(
    'The group is rebalancing: nothing was committed',
    cause === undefined ? {} : { cause },
  )
}
