import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { decideDirectTopics, decideStrimziTopics, type DesiredTopic, type FoundTopic, type TopicClaims } from './decide-topics.ts'

const topic = (more: Partial<DesiredTopic> = {}): DesiredTopic => ({ name: 'readings', partitions: 4, replicas: undefined, config: {}, askedBy: 'hvac: spec.source.topic', deletionPolicy: 'Retain', ...more })
const owner = { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline' as const, name: 'hvac', namespace: 'plant', uid: 'u' }
const input = (more: Partial<DesiredTopic> = {}) => ({ topics: [topic(more)], owner, component: 'detector' as const })
const known = (found?: FoundTopic) => ({ kind: 'Known' as const, topics: found === undefined ? {} : { readings: found } })

test.each<[string, Partial<DesiredTopic>, FoundTopic | undefined, TopicClaims, object]>([
  ['a topic that is not there is made and claimed', { config: { 'retention.ms': '5' } }, undefined, {}, { actions: [{ kind: 'Create', topic: 'readings', partitions: 4, replicas: undefined, config: { 'retention.ms': '5' } }], claims: { readings: ['retention.ms'] }, usable: false, condition: { reason: 'Pending' } }],
  ['a foreign topic that is large enough is left alone', { config: { 'retention.ms': '5' } }, { partitions: 6, config: {} }, {}, { actions: [], claims: {}, usable: true, condition: { status: 'True', reason: 'Succeeded', message: 'The topic is there' } }],
  ['a foreign topic with fewer partitions is a conflict', {}, { partitions: 2, config: {} }, {}, { actions: [], usable: false, condition: { status: 'False', reason: 'TopicConflict', message: 'Topic readings has 2 partitions, spec.source.topic asks for 4, and this object did not make it, so it is left alone: write partitions: 2, or have its owner raise them' } }],
  ['ours is raised', {}, { partitions: 2, config: {} }, { readings: [] }, { actions: [{ kind: 'Raise', topic: 'readings', partitions: 4 }], condition: { reason: 'Pending' } }],
  ['ours is never lowered', {}, { partitions: 8, config: {} }, { readings: [] }, { actions: [], usable: true, condition: { status: 'False', reason: 'PartitionsLowered', message: 'spec.source.topic asks for 4 partitions, and topic readings has 8: Kafka cannot take partitions away; write 8 or more, or use another topic' } }],
  ['changed configuration is set, dropped configuration reset, and what others set stays', { config: { a: '2' } }, { partitions: 4, config: { a: '1', b: '1', other: 'x' } }, { readings: ['a', 'b'] }, { actions: [{ kind: 'Configure', topic: 'readings', config: { a: '2', b: null } }], claims: { readings: ['a'] }, usable: true }],
  ['ours that is as it should be needs nothing', { config: { a: '1' } }, { partitions: 4, config: { a: '1' } }, { readings: ['a'] }, { actions: [], claims: { readings: ['a'] }, usable: true, condition: { reason: 'Succeeded' } }],
])('Direct: %s', (_, more, found, claims, expected) => {
  expect(decideDirectTopics(input(more), 'Direct', known(found), claims)).toMatchObject(expected)
})

test('None: a missing topic is told and not made', () => {
  expect(decideDirectTopics(input(), 'None', known(), {})).toMatchObject({ actions: [], claims: {}, usable: false, condition: { status: 'False', reason: 'TopicMissing', message: 'There is no topic readings, and spec.kafka.topicManagement is None: create it with 4 partitions, or write Direct' } })
})

test('what could not be read is Unknown, and nothing is done', () => {
  expect(decideDirectTopics(input(), 'Direct', { kind: 'Unreadable', code: 'KAFKA_ACCESS_DENIED', message: 'refused' }, { readings: [] })).toEqual({
    apply: [], actions: [], claims: { readings: [] }, usable: false, condition: { type: 'TopicsReady', status: 'Unknown', reason: 'AccessDenied', message: 'refused' },
  })
})

const aKafkaTopic = ({ mine = true, partitions = 4, ready, message = '' }: { mine?: boolean; partitions?: number; ready?: string; message?: string }): KubeObject => ({
  apiVersion: 'kafka.strimzi.io/v1',
  kind: 'KafkaTopic',
  metadata: { name: 'any-name', namespace: 'plant', generation: 1, labels: { 'strimzi.io/cluster': 'main', ...(mine ? { 'tidewatch.dev/pipeline': 'hvac' } : {}) } },
  spec: { topicName: 'readings', partitions },
  ...(ready === undefined ? {} : { status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: ready, message }] } }),
})

test.each<[string, KubeObject[], object, number]>([
  ['none there: it is applied, and waited for', [], { usable: false, condition: { reason: 'Pending' } }, 1],
  ['ready', [aKafkaTopic({ ready: 'True' })], { usable: true, condition: { status: 'True', reason: 'Succeeded' } }, 1],
  ['refused by Strimzi', [aKafkaTopic({ ready: 'False', message: 'Replication factor 3 larger than 1' })], { usable: false, condition: { reason: 'TopicNotReady', message: "Strimzi's Topic Operator refuses topic readings: Replication factor 3 larger than 1" } }, 1],
  ['somebody else\'s, large enough: left alone', [aKafkaTopic({ mine: false, partitions: 8, ready: 'True' })], { usable: true, condition: { reason: 'Succeeded' } }, 0],
  ['somebody else\'s, too small', [aKafkaTopic({ mine: false, partitions: 2, ready: 'True' })], { usable: false, condition: { reason: 'TopicConflict' } }, 0],
])('Strimzi: %s', (_, kafkaTopics, expected, applied) => {
  const decision = decideStrimziTopics(input(), { clusterName: 'main', version: 'v1', kafkaTopics })
  expect(decision).toMatchObject(expected)
  expect(decision.apply).toHaveLength(applied)
})

test('Strimzi is never asked for fewer partitions', () => {
  const decision = decideStrimziTopics(input(), { clusterName: 'main', version: 'v1beta2', kafkaTopics: [aKafkaTopic({ partitions: 8, ready: 'True' })] })
  expect(decision.apply[0]).toMatchObject({ apiVersion: 'kafka.strimzi.io/v1beta2', spec: { partitions: 8 } })
  expect(decision.condition).toMatchObject({ status: 'False', reason: 'PartitionsLowered' })
})

test('a topic that is kept has no owner reference, one that is deleted with its pipeline has', () => {
  const of = (deletionPolicy: 'Retain' | 'Delete') => decideStrimziTopics(input({ deletionPolicy, name: 'IoT_Metrics' }), { clusterName: 'main', version: 'v1', kafkaTopics: [] }).apply[0]
  expect(of('Retain')?.metadata.ownerReferences).toBeUndefined()
  expect(of('Delete')?.metadata.ownerReferences).toEqual([{ apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', name: 'hvac', uid: 'u', controller: true, blockOwnerDeletion: true }])
  expect(of('Retain')?.metadata.name).toMatch(/^iot-metrics-[0-9a-z]{11}$/)
  expect(of('Retain')?.spec).toEqual({ topicName: 'IoT_Metrics', partitions: 4 })
})
