import type { ConditionDraft, Reason, TopicPlan } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { isTrue, readCondition } from '../shared/conditions.ts'
import { ownerLabel, type Component } from '../shared/labels.ts'
import type { Owner } from '../shared/owner.ts'
import { buildKafkaTopic } from './desired/kafka-topic.ts'

export interface DesiredTopic extends TopicPlan {
  deletionPolicy: 'Retain' | 'Delete'
  /** The manifest names no number of partitions, so more than the default are as good. */
  takesMore?: boolean
}

/** A topic as Kafka has it; `config` holds what was set on the topic itself. */
export interface FoundTopic {
  partitions: number
  config: Record<string, string>
}

export type TopicReading =
  /** By name; a topic that is not there is left out. */
  | { kind: 'Known'; topics: Record<string, FoundTopic> }
  /** `code` is that of packages/kafka. */
  | { kind: 'Unreadable'; code: string; message: string }

/**
 * The topics that we made through the Admin API, with the configuration keys that we set on each. Kafka keeps no word of
 * who made a topic, so the object that asked for it does, in an annotation.
 */
export type TopicClaims = Record<string, string[]>

/** A change through the Kafka Admin API. */
export type TopicAction =
  | { kind: 'Create'; topic: string; partitions: number; replicas: number | undefined; config: Record<string, string> }
  | { kind: 'Raise'; topic: string; partitions: number }
  /** A null goes back to the brokers' default. */
  | { kind: 'Configure'; topic: string; config: Record<string, string | null> }

export interface TopicsInput {
  topics: DesiredTopic[]
  owner: Owner
  component: Component
}

export interface TopicsDecision {
  /** KafkaTopic resources, as they should be. */
  apply: KubeObject[]
  /** What the Admin API should be told. */
  actions: TopicAction[]
  /** What is ours once the actions are done. */
  claims: TopicClaims
  /** True when every topic is there with enough partitions, whatever else is still to change. */
  usable: boolean
  condition: ConditionDraft
}

const condition = (status: ConditionDraft['status'], reason: Reason, message: string): ConditionDraft => ({ type: 'TopicsReady', status, reason, message })

/** The field in the manifest, without the name before it: `spec.source.topic`. */
const fieldOf = ({ askedBy }: TopicPlan) => askedBy.slice(askedBy.indexOf(': ') + 2)

const cannotShrink = (topic: DesiredTopic, there: number) =>
  condition('False', 'PartitionsLowered', `${fieldOf(topic)} asks for ${topic.partitions} partitions, and topic ${topic.name} has ${there}: Kafka cannot take partitions away; write ${there} or more, or use another topic`)

const tooFew = (topic: DesiredTopic, there: number) =>
  condition('False', 'TopicConflict', `Topic ${topic.name} has ${there} partitions, ${fieldOf(topic)} asks for ${topic.partitions}, and this object did not make it, so it is left alone: write partitions: ${there}, or have its owner raise them`)

function summarise(problems: ConditionDraft[], topics: DesiredTopic[]): ConditionDraft {
  // A change on its way is told only where nothing is wrong.
  const worst = problems.find(({ reason }) => reason !== 'Pending') ?? problems[0]
  return worst ?? condition('True', 'Succeeded', `${topics.length === 1 ? 'The topic is' : `All ${topics.length} topics are`} there`)
}

/** `topicManagement: Direct` and `None`: by what the Admin API reads. */
export function decideDirectTopics({ topics }: TopicsInput, management: 'Direct' | 'None', reading: TopicReading, claims: TopicClaims): TopicsDecision {
  if (reading.kind === 'Unreadable') {
    return { apply: [], actions: [], claims, usable: false, condition: condition('Unknown', unreadableReason(reading.code), reading.message) }
  }
  const actions: TopicAction[] = []
  const problems: ConditionDraft[] = []
  const next: TopicClaims = { ...claims }
  let usable = true
  for (const topic of topics) {
    const found = Object.hasOwn(reading.topics, topic.name) ? reading.topics[topic.name] : undefined
    const ours = management === 'Direct' && Object.hasOwn(claims, topic.name)
    if (found === undefined) {
      usable = false
      if (management === 'None') {
        problems.push(condition('False', 'TopicMissing', `There is no topic ${topic.name}, and spec.kafka.topicManagement is None: create it with ${topic.partitions} partitions, or write Direct`))
        continue
      }
      actions.push({ kind: 'Create', topic: topic.name, partitions: topic.partitions, replicas: topic.replicas, config: topic.config })
      next[topic.name] = Object.keys(topic.config).sort()
      problems.push(condition('False', 'Pending', `Topic ${topic.name} is being created`))
      continue
    }
    if (found.partitions < topic.partitions) {
      usable = false
      if (ours) actions.push({ kind: 'Raise', topic: topic.name, partitions: topic.partitions })
      problems.push(ours ? condition('False', 'Pending', `Topic ${topic.name} is being raised to ${topic.partitions} partitions`) : tooFew(topic, found.partitions))
    }
    if (!ours) continue
    if (found.partitions > topic.partitions && topic.takesMore !== true) problems.push(cannotShrink(topic, found.partitions))
    const config = diffConfig(topic.config, found.config, claims[topic.name] ?? [])
    if (Object.keys(config).length > 0) {
      actions.push({ kind: 'Configure', topic: topic.name, config })
      problems.push(condition('False', 'Pending', `The configuration of topic ${topic.name} is being changed`))
    }
    next[topic.name] = Object.keys(topic.config).sort()
  }
  return { apply: [], actions, claims: next, usable, condition: summarise(problems, topics) }
}

/** What to set and, of what we set before, what to reset; what others set stays. */
function diffConfig(wanted: Record<string, string>, found: Record<string, string>, setByUs: string[]): Record<string, string | null> {
  const changed = Object.entries(wanted).filter(([key, value]) => found[key] !== value)
  const dropped = setByUs.filter((key) => !(key in wanted) && key in found)
  return Object.fromEntries([...changed, ...dropped.map((key) => [key, null] as const)])
}

/** `topicManagement: Strimzi`: by the KafkaTopic resources of the namespace. */
export function decideStrimziTopics({ topics, owner, component }: TopicsInput, { clusterName, version, kafkaTopics }: { clusterName: string; version: string; kafkaTopics: readonly KubeObject[] }): TopicsDecision {
  const apply: KubeObject[] = []
  const problems: ConditionDraft[] = []
  let usable = true
  for (const topic of topics) {
    const found = kafkaTopics.find((one) => isTopicOf(one, clusterName, topic.name))
    const spec = (found?.spec ?? {}) as { partitions?: number }
    const ours = found === undefined || found.metadata.labels?.[ownerLabel[component]] === owner.name
    const there = spec.partitions ?? 0
    if (ours) {
      // Never asked of Strimzi, because it would stay NotReady for good.
      const lowered = there > topic.partitions
      if (lowered && topic.takesMore !== true) problems.push(cannotShrink(topic, there))
      apply.push(buildKafkaTopic({ owner, component, clusterName, version, topic: lowered ? { ...topic, partitions: there } : topic, deletionPolicy: topic.deletionPolicy }))
    } else if (found.spec !== undefined && spec.partitions !== undefined && there < topic.partitions) {
      usable = false
      problems.push(tooFew(topic, there))
    }
    const state = stateOf(topic.name, found)
    if (state === undefined) continue
    usable = false
    problems.push(state)
  }
  return { apply, actions: [], claims: {}, usable, condition: summarise(problems, topics) }
}

/** Whether a KafkaTopic stands for this topic of this cluster. */
export const isTopicOf = (one: KubeObject, clusterName: string, topic: string): boolean => one.metadata.labels?.['strimzi.io/cluster'] === clusterName && topicNameOf(one) === topic

const topicNameOf = (object: KubeObject): string => (object.spec as { topicName?: string } | undefined)?.topicName ?? object.metadata.name

function stateOf(topic: string, found: KubeObject | undefined): ConditionDraft | undefined {
  const waiting = condition('False', 'Pending', `Topic ${topic} is waiting for Strimzi's Topic Operator: if this lasts, look whether the Kafka resource has an entityOperator with a topicOperator`)
  if (found === undefined) return waiting
  const status = (found.status ?? {}) as { observedGeneration?: number }
  const ready = readCondition(found, 'Ready')
  if (ready === undefined || (status.observedGeneration ?? 0) < (found.metadata.generation ?? 0)) return waiting
  if (isTrue(ready)) return undefined
  return condition('False', 'TopicNotReady', `Strimzi's Topic Operator refuses topic ${topic}: ${ready.message ?? ready.reason ?? 'it gives no reason'}`)
}

/** The reason for an error of packages/kafka by its code. */
export function unreadableReason(code: string): Reason {
  if (code === 'KAFKA_ACCESS_DENIED') return 'AccessDenied'
  if (code === 'SECRET_MISSING') return 'SecretMissing'
  if (code === 'SECRET_KEY_MISSING') return 'SecretKeyMissing'
  if (code === 'KAFKA_REQUEST_INVALID') return 'TopicInvalid'
  if (code === 'TOPIC_MISSING') return 'TopicMissing'
  if (code === 'TOPIC_CONFLICT') return 'TopicConflict'
  return 'KafkaUnreachable'
}
