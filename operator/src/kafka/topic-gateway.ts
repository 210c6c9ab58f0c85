import { AppError, messageOf, type Clock } from '@tidewatch/kit'
import { canonicalJson } from '../shared/hash.ts'
import type { AdminPool, KafkaTarget } from './admin-pool.ts'
import type { FoundTopic, TopicAction, TopicReading } from './decide-topics.ts'
import { KafkaSlow } from './errors.ts'
import { explainKafkaError } from './explain.ts'

/** Topics change rarely: what was read holds for so long, so that a hundred pipelines at rest ask little of Kafka. */
const freshMs = 30_000

/** After a failure it is tried again sooner. */
const retryMs = 5_000

/** A reconcile waits no longer: another object's may be behind it. */
const patienceMs = 10_000

/** Topics as the Admin API has them, for the two managements that have no KafkaTopic resources. */
export interface TopicGateway {
  /** Never throws: what cannot be read is told as `Unreadable`. */
  read(target: KafkaTarget, names: readonly string[]): Promise<TopicReading>
  /** @throws the errors of packages/kafka */
  run(target: KafkaTarget, action: TopicAction): Promise<void>
  /** @throws the errors of packages/kafka */
  remove(target: KafkaTarget, what: { topics: readonly string[]; groups: readonly string[] }): Promise<void>
}

export function createTopicGateway({ pool, clock }: { pool: AdminPool; clock: Clock }): TopicGateway {
  const readings = new Map<string, { reading: TopicReading; atMs: number }>()
  const forget = (target: KafkaTarget) => {
    const prefix = canonicalJson(target)
    for (const key of readings.keys()) if (key.startsWith(prefix)) readings.delete(key)
  }
  const forgetOld = (nowMs: number) => {
    for (const [key, { atMs }] of readings) if (nowMs - atMs > freshMs) readings.delete(key)
  }

  return {
    async read(target, names) {
      const key = `${canonicalJson(target)} ${names.join(' ')}`
      const known = readings.get(key)
      if (known !== undefined && clock.now() - known.atMs < (known.reading.kind === 'Known' ? freshMs : retryMs)) return known.reading
      const reading = await withPatience(clock, readTopics(pool, target, names)).catch((error: unknown): TopicReading => ({ kind: 'Unreadable', code: codeOf(error), message: explainKafkaError(codeOf(error), messageOf(error), target.connection.brokers).message }))
      forgetOld(clock.now())
      readings.set(key, { reading, atMs: clock.now() })
      return reading
    },
    async run(target, action) {
      try {
        await withPatience(clock, pool.use(target, (admin) => runAction(admin, action)))
      } finally {
        forget(target)
      }
    },
    async remove(target, { topics, groups }) {
      forget(target)
      await withPatience(
        clock,
        pool.use(target, async (admin) => {
          if (groups.length > 0) await admin.deleteGroups(groups)
          if (topics.length > 0) await admin.deleteTopics(topics)
        }),
      )
    },
  }
}

type Admin = Parameters<Parameters<AdminPool['use']>[1]>[0]

async function readTopics(pool: AdminPool, target: KafkaTarget, names: readonly string[]): Promise<TopicReading> {
  const topics: Record<string, FoundTopic> = {}
  await pool.use(target, async (admin) => {
    for (const name of names) {
      const topic = await admin.readTopic(name)
      if (topic !== undefined) topics[name] = { partitions: topic.partitions, config: topic.config }
    }
  })
  return { kind: 'Known', topics }
}

function runAction(admin: Admin, action: TopicAction): Promise<void> {
  if (action.kind === 'Configure') return admin.configureTopic(action.topic, action.config)
  const { topic: name, partitions } = action
  if (action.kind === 'Raise') return admin.ensureTopics([{ name, partitions }])
  const { replicas, config } = action
  return admin.ensureTopics([{ name, partitions, config, ...(replicas === undefined ? {} : { replicationFactor: replicas }) }])
}

async function withPatience<Answer>(clock: Clock, asked: Promise<Answer>): Promise<Answer> {
  const stop = new AbortController()
  const tooLong = clock.sleep(patienceMs, stop.signal).then((): never | undefined => {
    if (stop.signal.aborted) return undefined
    throw new KafkaSlow(`Kafka gave no answer within ${patienceMs / 1_000} s`)
  })
  // Whoever comes second must not count as an error that nobody caught.
  tooLong.catch(() => {})
  asked.catch(() => {})
  try {
    return (await Promise.race([asked, tooLong])) as Answer
  } finally {
    stop.abort()
  }
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : 'KAFKA_FAILED')
