import { pipelineDocument } from '@tidewatch/api/testing'
import type { DetectionPipelineInput } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { findStateTopicOwner } from './state-topic-owner.ts'

function aPipeline(name: string, second: number, spec: Partial<DetectionPipelineInput['spec']> = {}, namespace = 'plant'): KubeObject {
  const document = pipelineDocument((manifest) => {
    manifest.metadata = { name, namespace, uid: `uid-${name}`, ...{ creationTimestamp: `2026-01-02T12:00:0${second}Z` } }
    Object.assign(manifest.spec, { kafka: { bootstrapServers: 'kafka:9092' } }, spec)
  })
  return document as unknown as KubeObject
}

const shared = { checkpoint: { topic: 'shared' } }

test('the oldest of those that share a topic owns it, wherever it is', () => {
  const all = [aPipeline('c', 3, shared), aPipeline('b', 2, shared, 'floor-2'), aPipeline('a', 1, shared), aPipeline('alone', 0)]
  expect(all.map((one) => findStateTopicOwner(one, all))).toEqual(['plant/a', 'plant/a', undefined, undefined])
})

test('made in the same second, one of them owns it and no more', () => {
  const all = [aPipeline('b', 1, shared), aPipeline('a', 1, shared)]
  expect(all.map((one) => findStateTopicOwner(one, all))).toEqual(['plant/a', undefined])
})

test('a topic of the same name in another Kafka is another topic', () => {
  const elsewhere = { ...shared, kafka: { bootstrapServers: 'other:9092' } }
  const cluster = { ...shared, kafka: { clusterRef: { name: 'main' } } }
  const all = [aPipeline('a', 1, shared), aPipeline('b', 2, elsewhere), aPipeline('c', 3, cluster), aPipeline('d', 4, cluster, 'floor-2')]
  expect(all.map((one) => findStateTopicOwner(one, all))).toEqual([undefined, undefined, undefined, undefined])
})

test('the topic that a pipeline has when it names none counts as well', () => {
  const all = [aPipeline('a', 1), aPipeline('b', 2, { checkpoint: { topic: 'plant.a-state' } })]
  expect(all.map((one) => findStateTopicOwner(one, all))).toEqual([undefined, 'plant/a'])
})
