import { AppError, systemClock, type Logger } from '@tidewatch/kit'
import type { Admin } from 'kafkajs'
import { createClient, type Client, type KafkaConnection } from './connection.ts'
import { Closed, causesOf, isProtocolError, reasonOf, toAppError, TopicConflict, TopicMissing } from './errors.ts'
import { computeLag, type PartitionOffsets } from './lag.ts'
import type { CommittedPosition, PartitionLag } from './ports.ts'

export interface TopicSpec {
  name: string
  partitions: number
  /** The cluster's default where undefined. */
  replicationFactor?: number
  config?: Record<string, string>
}

export interface TopicDescription {
  name: string
  partitions: number
  replicationFactor: number
  /** What was set on the topic itself; the broker's defaults are left out. */
  config: Record<string, string>
}

/** Topics, groups and offsets, seen from outside. */
export interface TopicAdmin {
  /**
   * Creates what is missing and raises partitions where there are fewer; everything else stays as it is. Resolves
   * when each topic has its leaders, so that it can be written to.
   *
   * @throws TopicConflict when a topic has more partitions than asked for: Kafka cannot take any away.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>
  /** Undefined where there is no such topic. Needs no more than the right to describe it. */
  readPartitionCount(topic: string): Promise<number | undefined>
  /** Undefined where there is no such topic. */
  readTopic(name: string): Promise<TopicDescription | undefined>
  /**
   * Sets these keys of a topic's own configuration; null takes a key back to the brokers' default. What else is set on
   * the topic stays.
   *
   * @throws TopicMissing; RequestInvalid when Kafka knows no such key or takes no such value.
   */
  configureTopic(name: string, changes: Record<string, string | null>): Promise<void>
  /** Deletes those that are there. */
  deleteTopics(names: readonly string[]): Promise<void>
  /** Deletes those that are there; a group with members is refused. */
  deleteGroups(groupIds: readonly string[]): Promise<void>
  /** @throws TopicMissing */
  readOffsets(topic: string): Promise<PartitionOffsets[]>
  /** By partition; a partition for which the group has never committed is left out. */
  readCommitted(groupId: string, topic: string): Promise<Map<number, CommittedPosition>>
  /** The first offset whose record is not older than the time, by partition; the log's end where there is none. */
  readOffsetsAt(topic: string, timestampMs: number): Promise<Map<number, number>>
  /** @throws TopicMissing */
  readLag(groupId: string, topic: string, options?: { whenUncommitted?: 'all' | 'none' }): Promise<PartitionLag[]>
  close(): Promise<void>
}

/** How long a new topic may take until all its partitions have leaders. */
const leaderTimeoutMs = 30_000
/** How long a deleted topic may still be shown. */
const goneTimeoutMs = 5_000

/** How long a question is asked again while brokers restart. */
const askTimeoutMs = 20_000
const askPauseMs = 200

const passingErrors = [
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_CONTROLLER',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]

/** kafkajs' number for a topic among configuration resources, and for "set on the topic itself" among their sources. */
const topicResource = 2
const setOnTopic = 1

/** Connects at the first question. */
export function createTopicAdmin(options: { connection: KafkaConnection; log: Logger }): TopicAdmin {
  return new KafkaTopicAdmin(options)
}

class KafkaTopicAdmin implements TopicAdmin {
  readonly #connection: KafkaConnection
  readonly #log: Logger
  #current: Promise<{ client: Client; admin: Admin }> | undefined
  #isClosed = false

  constructor({ connection, log }: { connection: KafkaConnection; log: Logger }) {
    this.#connection = connection
    this.#log = log
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#ask(`Could not create the topics ${topics.map(({ name }) => name).join(', ')}`, async (admin) => {
      for (const topic of topics) await this.#ensureTopic(admin, topic)
      for (const { name, partitions } of topics) await waitForLeaders(admin, name, partitions)
    })
  }

  async #ensureTopic(admin: Admin, { name, partitions, replicationFactor, config = {} }: TopicSpec): Promise<void> {
    let there = await countPartitions(admin, name)
    if (there === undefined) {
      const created = await createTopic(admin, {
        topic: name,
        numPartitions: partitions,
        replicationFactor: replicationFactor ?? -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })
      if (created) {
        this.#log.info({ topic: name, partitions }, 'Created topic')
        return
      }
      there = await countPartitions(admin, name)
    }
    if (there === undefined || there === partitions) return
    if (there > partitions) {
      throw new TopicConflict(
        `Topic ${name} has ${there} partitions, and ${partitions} are asked for: Kafka cannot take partitions away; ` +
          `ask for ${there} or more, or use another topic`,
      )
    }
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }] })
    this.#log.info({ topic: name, partitions, before: there }, 'Raised partitions of topic')
  }

  readPartitionCount(topic: string): Promise<number | undefined> {
    return this.#ask(`Could not read the topic ${topic}`, (admin) => countPartitions(admin, topic))
  }

  readTopic(name: string): Promise<TopicDescription | undefined> {
    return this.#ask(`Could not read the topic ${name}`, async (admin) => {
      const partitions = await readPartitions(admin, name)
      if (partitions === undefined) return undefined
      return {
        name,
        partitions: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
        config: await readOwnConfig(admin, name),
      }
    })
  }

  configureTopic(name: string, changes: Record<string, string | null>): Promise<void> {
    return this.#ask(`Could not configure the topic ${name}`, async (admin) => {
      await requireTopic(admin, name)
      // The one request for this that kafkajs has replaces the whole configuration of the topic: without what is set
      // already, it would take away everything that others have set.
      const merged = new Map<string, string | null>(Object.entries({ ...(await readOwnConfig(admin, name)), ...changes }))
      const configEntries = [...merged].flatMap(([key, value]) => (value === null ? [] : [{ name: key, value }]))
      await admin.alterConfigs({ validateOnly: false, resources: [{ type: topicResource, name, configEntries }] })
      this.#log.info({ topic: name, changes }, 'Configured topic')
    })
  }

  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#ask(`Could not delete the topics ${names.join(', ')}`, async (admin) => {
      for (const name of names) {
        // Asked for first, because kafkajs goes on for 20 s about one that is not there.
        if ((await readPartitions(admin, name)) === undefined) continue
        await admin.deleteTopics({ topics: [name] })
        await waitUntilGone(admin, name)
        this.#log.info({ topic: name }, 'Deleted topic')
      }
    })
  }

  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return this.#ask(`Could not delete the groups ${groupIds.join(', ')}`, async (admin) => {
      for (const groupId of groupIds) {
        try {
          await admin.deleteGroups([groupId])
          this.#log.info({ groupId }, 'Deleted group')
        } catch (error) {
          if (!isProtocolError(error, ['GROUP_ID_NOT_FOUND'])) throw error
        }
      }
    })
  }

  readOffsets(topic: string): Promise<PartitionOffsets[]> {
    return this.#ask(`Could not read the offsets of ${topic}`, async (admin) => {
      await requireTopic(admin, topic)
      const partitions = await admin.fetchTopicOffsets(topic)
      return partitions
        .map(({ partition, low, high }) => ({ partition, logStartOffset: Number(low), logEndOffset: Number(high) }))
        .sort((a, b) => a.partition - b.partition)
    })
  }

  readCommitted(groupId: string, topic: string): Promise<Map<number, CommittedPosition>> {
    return this.#ask(`Could not read what group ${groupId} has committed for ${topic}`, async (admin) => {
      await requireTopic(admin, topic)
      const answer = await admin.fetchOffsets({ groupId, topics: [topic] })
      const committed = new Map<number, CommittedPosition>()
      for (const { partition, offset, metadata } of answer.find((one) => one.topic === topic)?.partitions ?? []) {
        // -1 is the broker's way to say "never".
        if (Number(offset) >= 0) committed.set(partition, { offset: Number(offset), metadata: metadata ?? '' })
      }
      return committed
    })
  }

  readOffsetsAt(topic: string, timestampMs: number): Promise<Map<number, number>> {
    return this.#ask(`Could not read the offsets of ${topic} by time`, async (admin) => {
      await requireTopic(admin, topic)
      const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs)
      return new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    })
  }

  async readLag(
    groupId: string,
    topic: string,
    options: { whenUncommitted?: 'all' | 'none' } = {},
  ): Promise<PartitionLag[]> {
    // The ends first: a position committed in between then makes the lag smaller, never wrongly larger.
    const offsets = await this.readOffsets(topic)
    return computeLag(topic, offsets, await this.readCommitted(groupId, topic), options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#drop()
  }

  /**
   * Runs a question, and again with a fresh client where the connection broke or a coordinator is on the move: not
   * all of kafkajs' admin calls do that by themselves.
   */
  async #ask<Answer>(what: string, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const deadlineMs = systemClock.now() + askTimeoutMs
    for (;;) {
      if (this.#isClosed) throw new Closed(`${what}: this admin client was closed`)
      const used = (this.#current ??= this.#connect())
      try {
        const { admin } = await used
        return await question(admin)
      } catch (error) {
        if (error instanceof AppError) throw error
        // Another question found the connection broken and took this one's client away: what kafkajs throws then says nothing.
        const wasTaken = this.#current !== used
        const isBroken = isConnectionFailure(error)
        if (isBroken && !wasTaken) await this.#drop()
        const isPassing = isBroken || wasTaken || isProtocolError(error, passingErrors) || hasForgottenTopic(error)
        if (!isPassing || systemClock.now() > deadlineMs) throw toAppError(error, what)
        await systemClock.sleep(askPauseMs)
      }
    }
  }

  async #connect(): Promise<{ client: Client; admin: Admin }> {
    const client = createClient(this.#connection, this.#log)
    const admin = client.kafka.admin()
    try {
      await admin.connect()
    } catch (error) {
      client.destroy()
      throw error
    }
    return { client, admin }
  }

  async #drop(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    const connected = await current?.catch(() => undefined)
    if (connected === undefined) return
    connected.client.destroy()
    await connected.admin.disconnect().catch(() => {})
  }
}

/**
 * True where kafkajs stumbles over a topic whose leaders it knew a moment ago: of two questions of one client that learn of topics at
 * once, the answer to the first may come last, and has never heard of the topic of the second.
 */
function hasForgottenTopic(error: unknown): boolean {
  return /destructure property 'partitions'/.test(reasonOf(error))
}

/** What was set on the topic itself. */
async function readOwnConfig(admin: Admin, name: string): Promise<Record<string, string>> {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: topicResource, name }] })
  const entries = resources[0]?.configEntries ?? []
  const own = entries.filter(({ configSource }) => (configSource as number) === setOnTopic)
  return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]))
}

async function requireTopic(admin: Admin, topic: string): Promise<void> {
  if ((await readPartitions(admin, topic)) !== undefined) return
  throw new TopicMissing(`There is no topic ${topic}: create it, or correct the name`)
}

async function readPartitions(admin: Admin, topic: string) {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions
  } catch (error) {
    if (isProtocolError(error, ['UNKNOWN_TOPIC_OR_PARTITION'])) return undefined
    throw error
  }
}

const countPartitions = async (admin: Admin, topic: string) => (await readPartitions(admin, topic))?.length

type NewTopic = NonNullable<Parameters<Admin['createTopics']>[0]>['topics'][number]

/** @returns false where somebody else has just created it. */
async function createTopic(admin: Admin, topic: NewTopic): Promise<boolean> {
  try {
    // waitForLeaders is ours: kafkajs' gives up silently.
    return await admin.createTopics({ topics: [topic], waitForLeaders: false })
  } catch (error) {
    if (isProtocolError(error, ['TOPIC_ALREADY_EXISTS'])) return false
    throw error
  }
}

/** Until the brokers know of all partitions: what the controller has decided they hear of a moment later. */
async function waitForLeaders(admin: Admin, topic: string, wanted: number): Promise<void> {
  const deadlineMs = systemClock.now() + leaderTimeoutMs
  for (;;) {
    const partitions = (await readPartitions(admin, topic)) ?? []
    if (partitions.length >= wanted && partitions.every(({ leader }) => leader >= 0)) return
    if (systemClock.now() > deadlineMs)
      throw new Error(`topic ${topic} has no leaders after ${leaderTimeoutMs / 1_000} s`)
    await systemClock.sleep(50)
  }
}

/** Until the brokers know of it, or for so long that somebody must have made the topic anew. */
async function waitUntilGone(admin: Admin, topic: string): Promise<void> {
  const deadlineMs = systemClock.now() + goneTimeoutMs
  while ((await readPartitions(admin, topic)) !== undefined && systemClock.now() < deadlineMs) await systemClock.sleep(50)
}

function isConnectionFailure(error: unknown): boolean {
  for (const { name = '' } of causesOf(error)) {
    if (/Connection|BrokerNotFound|RequestTimeout|MetadataNotLoaded|LockTimeout/.test(name)) return true
  }
  return false
}
