import type { TopicPlan } from '@tidewatch/api'
import { apiVersionOf, atVersion, resources, type KubeObject } from '@tidewatch/kube'
import { buildLabels, type Component } from '../../shared/labels.ts'
import { topicResourceName } from '../../shared/names.ts'
import { buildOwnerReference, type Owner } from '../../shared/owner.ts'

export interface KafkaTopicInput {
  owner: Owner
  component: Component
  clusterName: string
  version: string
  topic: TopicPlan
  /** Retain: no owner reference, so that garbage collection never deletes data. */
  deletionPolicy: 'Retain' | 'Delete'
}

/** A KafkaTopic for Strimzi's Topic Operator. */
export function buildKafkaTopic({ owner, component, clusterName, version, topic, deletionPolicy }: KafkaTopicInput): KubeObject {
  return {
    apiVersion: apiVersionOf(atVersion(resources.kafkaTopics, version)),
    kind: 'KafkaTopic',
    metadata: {
      name: topicResourceName(topic.name),
      namespace: owner.namespace,
      labels: { ...buildLabels(component, owner.name), 'strimzi.io/cluster': clusterName },
      ...(deletionPolicy === 'Delete' ? { ownerReferences: [buildOwnerReference(owner)] } : {}),
    },
    spec: {
      topicName: topic.name,
      partitions: topic.partitions,
      ...(topic.replicas === undefined ? {} : { replicas: topic.replicas }),
      ...(Object.keys(topic.config).length === 0 ? {} : { config: topic.config }),
    },
  }
}
