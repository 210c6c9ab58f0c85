import { planTopics, type ConditionDraft, type DetectionPipeline } from '@tidewatch/api'
import { decideDirectTopics, decideStrimziTopics, isTopicOf, type DesiredTopic, type TopicsDecision } from '../kafka/decide-topics.ts'
import { topicManagementOf } from '../kafka/resolve-connection.ts'
import type { Observed } from './observed.ts'

/**
 * Every topic of a pipeline. The input says what becomes of it in the end, the detectors' state goes with them, the others stay.
 *
 * @param inputPartitions how many the input has, where that is known: each needs a place for its state, whatever the manifest asks for.
 */
export function listTopics(pipeline: DetectionPipeline, inputPartitions = 0): DesiredTopic[] {
  const { source: { topic }, outputs } = pipeline.spec
  const given = [outputs.anomalies, outputs.scores, outputs.deadLetters, outputs.late, outputs.clusterEvents].filter((output) => output?.partitions !== undefined).map((output) => output?.topic)
  return planTopics(pipeline).map((plan) =>
    plan.name === topic.name
      ? { ...plan, deletionPolicy: topic.deletionPolicy }
      : {
          ...plan,
          partitions: plan.holdsState === true ? Math.max(plan.partitions, inputPartitions) : plan.partitions,
          deletionPolicy: plan.holdsState === true ? 'Delete' : 'Retain',
          takesMore: !given.includes(plan.name),
        },
  )
}

/** How many partitions the input has; undefined where nobody has told. */
function countInputPartitions({ pipeline, topics, kafkaTopics }: Observed): number | undefined {
  const { name } = pipeline.spec.source.topic
  if (topics?.kind === 'Known') return Object.hasOwn(topics.topics, name) ? topics.topics[name]?.partitions : undefined
  const { clusterRef } = pipeline.spec.kafka
  const found = kafkaTopics.find((one) => clusterRef !== undefined && isTopicOf(one, clusterRef.name, name))
  return (found?.spec as { partitions?: number } | undefined)?.partitions
}

const notRead: ConditionDraft = { type: 'TopicsReady', status: 'Unknown', reason: 'NotReportedYet', message: 'The topics were not read yet' }

export function decideTopics(observed: Observed): TopicsDecision {
  const { pipeline, owner, platform, topics, claims, kafkaTopics } = observed
  const { kafka } = pipeline.spec
  const input = { topics: listTopics(pipeline, countInputPartitions(observed)), owner, component: 'detector' as const }
  const management = topicManagementOf(kafka)
  if (management === 'Strimzi' && kafka.clusterRef !== undefined && platform.strimziVersion !== undefined) {
    return decideStrimziTopics(input, { clusterName: kafka.clusterRef.name, version: platform.strimziVersion, kafkaTopics })
  }
  if (management === 'Strimzi' || topics === undefined) return { apply: [], actions: [], claims, usable: false, condition: notRead }
  return decideDirectTopics(input, management, topics, claims)
}
