import { readFileSync } from 'node:fs'
import { AccessDenied, computeLag, KafkaFailed, KafkaUnreachable, RequestInvalid, TopicConflict, TopicMissing, type CommittedPosition, type KafkaConnection, type TopicAdmin, type TopicSpec } from '@tidewatch/kafka'

interface FakeTopic {
  partitions: number
  replicationFactor: number
  config: Record<string, string>
  ends: number[]
}

/**
 * A Kafka cluster in memory, as far as `TopicAdmin` shows one. What its admins promise is in `topic-admin-contract.ts`,
 * which runs against a real Kafka as well.
 */
export class FakeKafkaCluster {
  readonly topics = new Map<string, FakeTopic>()
  /** Committed offsets by group and topic. */
  readonly committed = new Map<string, Map<number, CommittedPosition>>()
  /** Groups with members: they are not deleted. */
  readonly busyGroups = new Set<string>()
  /** No broker answers. */
  isDown = false
  /** Set: only this password is let in. */
  password: string | undefined
  /** Admins that were made and not closed. */
  open = 0
  /** Changes made so far. */
  writes = 0

  /** As `createTopicAdmin`, after a sign of life as in `connectAdmin`. */
  readonly createAdmin = ({ connection }: { connection: KafkaConnection }): TopicAdmin => {
    this.#let(connection)
    this.open++
    return this.#admin(connection)
  }

  #let({ sasl }: KafkaConnection): void {
    if (this.isDown) throw new KafkaUnreachable('No Kafka broker answered')
    if (this.password !== undefined && (sasl === undefined || readFileSync(sasl.passwordFile, 'utf8') !== this.password)) throw new AccessDenied('Authentication failed')
  }

  #admin(connection: KafkaConnection): TopicAdmin {
    const ask = async <Answer>(question: () => Answer): Promise<Answer> => {
      this.#let(connection)
      return question()
    }
    const require = (name: string): FakeTopic => {
      const topic = this.topics.get(name)
      if (topic === undefined) throw new TopicMissing(`There is no topic ${name}: create it, or correct the name`)
      return topic
    }
    const offsets = (name: string) => require(name).ends.map((logEndOffset, partition) => ({ partition, logStartOffset: 0, logEndOffset }))
    const committed = (groupId: string, topic: string) => new Map(this.committed.get(`${groupId} ${topic}`))
    return {
      ensureTopics: (topics) => ask(() => topics.forEach((topic) => this.#ensure(topic))),
      readPartitionCount: (name) => ask(() => this.topics.get(name)?.partitions),
      readTopic: (name) =>
        ask(() => {
          const topic = this.topics.get(name)
          return topic === undefined ? undefined : { name, partitions: topic.partitions, replicationFactor: topic.replicationFactor, config: { ...topic.config } }
        }),
      configureTopic: (name, changes) =>
        ask(() => {
          const topic = require(name)
          checkConfig(changes)
          for (const [key, value] of Object.entries(changes)) {
            if (value === null) delete topic.config[key]
            else topic.config[key] = value
          }
          this.writes++
        }),
      deleteTopics: (names) => ask(() => names.forEach((name) => (this.topics.delete(name) ? this.writes++ : undefined))),
      deleteGroups: (groupIds) =>
        ask(() => {
          for (const groupId of groupIds) {
            if (this.busyGroups.has(groupId)) throw new KafkaFailed(`Could not delete the groups ${groupId}: the group is not empty`)
            for (const key of [...this.committed.keys()]) if (key.startsWith(`${groupId} `)) this.committed.delete(key)
          }
        }),
      readOffsets: (topic) => ask(() => offsets(topic)),
      readCommitted: (groupId, topic) =>
        ask(() => {
          require(topic)
          return committed(groupId, topic)
        }),
      readOffsetsAt: (topic) => ask(() => new Map(offsets(topic).map(({ partition, logEndOffset }) => [partition, logEndOffset]))),
      readLag: (groupId, topic, options) => ask(() => computeLag(topic, offsets(topic), committed(groupId, topic), options)),
      close: async () => {
        this.open--
      },
    }
  }

  #ensure({ name, partitions, replicationFactor = 1, config = {} }: TopicSpec): void {
    const there = this.topics.get(name)
    if (there === undefined) {
      checkConfig(config)
      this.topics.set(name, { partitions, replicationFactor, config: { ...config }, ends: Array.from({ length: partitions }, () => 0) })
      this.writes++
      return
    }
    if (there.partitions > partitions) throw new TopicConflict(`Topic ${name} has ${there.partitions} partitions, and ${partitions} are asked for: Kafka cannot take partitions away`)
    if (there.partitions === partitions) return
    while (there.ends.length < partitions) there.ends.push(0)
    there.partitions = partitions
    this.writes++
  }
}

/** The one rule of Kafka's that the contract asks for: numbers are numbers. */
function checkConfig(config: Record<string, string | null>): void {
  const retention = config['retention.ms']
  if (typeof retention === 'string' && !/^-?\d+$/.test(retention)) throw new RequestInvalid(`Invalid value ${retention} for configuration retention.ms`)
}
