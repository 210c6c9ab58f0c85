import { planTopics, type ConditionDraft, type DeviceFleet } from '@tidewatch/api'
import { decideDirectTopics, decideStrimziTopics, type DesiredTopic, type TopicsDecision } from '../kafka/decide-topics.ts'
import { topicManagementOf } from '../kafka/resolve-connection.ts'
import type { ObservedFleet } from './observed.ts'

/** The one topic that a fleet sends to. */
export function listTopics(fleet: DeviceFleet): DesiredTopic[] {
  return planTopics(fleet).map((plan) => ({ ...plan, deletionPolicy: fleet.spec.topic.deletionPolicy }))
}

const notRead: ConditionDraft = { type: 'TopicsReady', status: 'Unknown', reason: 'NotReportedYet', message: 'The topic was not read yet' }

export function decideTopics({ fleet, owner, platform, topics, claims, kafkaTopics }: ObservedFleet): TopicsDecision {
  const { kafka } = fleet.spec
  const input = { topics: listTopics(fleet), owner, component: 'simulator' as const }
  const management = topicManagementOf(kafka)
  if (management === 'Strimzi' && kafka.clusterRef !== undefined && platform.strimziVersion !== undefined) {
    return decideStrimziTopics(input, { clusterName: kafka.clusterRef.name, version: platform.strimziVersion, kafkaTopics })
  }
  if (management === 'Strimzi' || topics === undefined) return { apply: [], actions: [], claims, usable: false, condition: notRead }
  return decideDirectTopics(input, management, topics, claims)
}
