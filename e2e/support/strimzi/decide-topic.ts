import type { TopicDescription, TopicSpec } from '@tidewatch/kafka'
import type { KubeObject } from '@tidewatch/kube'
import { notReady, statusOf, type StrimziCondition } from './status.ts'

interface KafkaTopicSpec {
  topicName?: string
  partitions?: number
  replicas?: number
  config?: Record<string, unknown>
}

/** What to tell Kafka of one KafkaTopic, and what to tell its user. */
export interface TopicVerdict {
  create: TopicSpec | undefined
  raise: TopicSpec | undefined
  /** A null goes back to the brokers' default. */
  configure: Record<string, string | null>
  /** What cannot be done; undefined: ready once the rest is done. The rest is done all the same. */
  refusal: StrimziCondition | undefined
}

const specOf = (topic: KubeObject): KafkaTopicSpec => (topic.spec ?? {})

export const topicNameOf = (topic: KubeObject): string => specOf(topic).topicName ?? topic.metadata.name

const notSupported = (message: string) => notReady('NotSupported', message)

/** What keeps a KafkaTopic from being looked at any further. */
export function findTopicConflict(topic: KubeObject, all: readonly KubeObject[]): StrimziCondition | undefined {
  const name = topicNameOf(topic)
  const before = statusOf(topic)['topicName']
  if (before !== undefined && before !== name) return notSupported('Changing spec.topicName is not supported')
  const createdAt = ({ metadata }: KubeObject) => Date.parse(metadata.creationTimestamp ?? '')
  const [oldest] = all.filter((other) => topicNameOf(other) === name && other.metadata.uid !== topic.metadata.uid && createdAt(other) < createdAt(topic))
  return oldest === undefined ? undefined : notReady('ResourceConflict', `Managed by Ref{namespace='${oldest.metadata.namespace}', name='${oldest.metadata.name}'}`)
}

/** Compares a KafkaTopic with the topic in Kafka. What is set on the topic and not in the KafkaTopic goes. */
export function decideTopic(topic: KubeObject, found: TopicDescription | undefined): TopicVerdict {
  const { partitions, replicas, config = {} } = specOf(topic)
  const name = topicNameOf(topic)
  const wanted = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, formatValue(value)]))
  const nothing = { create: undefined, raise: undefined, configure: {}, refusal: undefined }
  if (found === undefined) return { ...nothing, create: { name, partitions: partitions ?? 1, config: wanted, ...(replicas === undefined ? {} : { replicationFactor: replicas }) } }
  const changed = Object.entries(wanted).filter(([key, value]) => found.config[key] !== value)
  const dropped = Object.keys(found.config).filter((key) => !(key in wanted))
  return {
    ...nothing,
    raise: partitions !== undefined && partitions > found.partitions ? { name, partitions } : undefined,
    configure: Object.fromEntries([...changed, ...dropped.map((key) => [key, null] as const)]),
    refusal: findRefusal(specOf(topic), found),
  }
}

function findRefusal({ partitions, replicas }: KafkaTopicSpec, found: TopicDescription): StrimziCondition | undefined {
  if (replicas !== undefined && replicas !== found.replicationFactor) {
    const all = Array.from({ length: found.partitions }, (_, partition) => partition)
    return notSupported(`Replication factor change not supported, but required for partitions [${all.join(', ')}]`)
  }
  return partitions !== undefined && partitions < found.partitions ? notSupported('Decreasing partitions not supported') : undefined
}

/** Lists become commas. */
const formatValue = (value: unknown): string => (Array.isArray(value) ? value.map(formatValue).join(',') : String(value))
