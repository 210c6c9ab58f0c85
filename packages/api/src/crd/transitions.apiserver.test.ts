import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parseManifest, type KindName } from '../manifest.ts'
import { fleetDocument, pipelineDocument } from '../testing.ts'
import { connectApiServer, type ApiServer } from './testing/api-server.ts'
import { installCrds } from './testing/install.ts'
import { createNamespace, mergePatch, pathOf } from './testing/namespace.ts'

let api: ApiServer
let namespace = ''
beforeAll(async () => {
  api = connectApiServer(inject('kubeconfig'))
  await installCrds(api)
  namespace = await createNamespace(api)
})
afterAll(async () => {
  await api.request('DELETE', `/api/v1/namespaces/${namespace}`)
  api.close()
})

const onStrimzi = { bootstrapServers: null, clusterRef: { name: 'my-cluster' } }
const fewer = 'partitions cannot become fewer, because Kafka removes none: write at least as many as before'
const otherTopic = 'the topic cannot change, because offsets and state belong to it: make a new object'
const otherCluster = 'the Kafka cluster cannot change, because offsets and state belong to it: make a new object'

/** A merge patch makes the object before, a second one changes it. */
const changes: [name: string, kind: KindName, before: object, change: object, refused: [field: string, message: string] | undefined][] = [
  ['partitions may become more', 'DetectionPipeline', {}, { source: { topic: { partitions: 9 } } }, undefined],
  ['partitions may stay', 'DetectionPipeline', {}, { source: { topic: { partitions: 8 } }, paused: true }, undefined],
  ['partitions may not become fewer', 'DetectionPipeline', {}, { source: { topic: { partitions: 7 } } }, ['spec.source.topic.partitions', fewer]],
  ['a topic\'s settings may change', 'DetectionPipeline', {}, { source: { topic: { config: { 'retention.ms': '1000' } } } }, undefined],
  ['the input topic may not change', 'DetectionPipeline', {}, { source: { topic: { name: 'other' } } }, ['spec.source.topic.name', otherTopic]],
  ['brokers may be added to the list', 'DetectionPipeline', {}, { kafka: { bootstrapServers: 'kafka:9092,kafka-1:9092' } }, undefined],
  ['brokers may not give way to a cluster of Strimzi', 'DetectionPipeline', {}, { kafka: onStrimzi }, ['spec.kafka.clusterRef', otherCluster]],
  ['the cluster may not change', 'DetectionPipeline', { kafka: onStrimzi }, { kafka: { clusterRef: { name: 'other' } } }, ['spec.kafka.clusterRef', otherCluster]],
  ['an output topic may change', 'DetectionPipeline', { outputs: { scores: { topic: 'a', partitions: 4 } } }, { outputs: { scores: { topic: 'b', partitions: 2 } } }, undefined],
  ['an output topic may get more partitions', 'DetectionPipeline', { outputs: { scores: { topic: 'a', partitions: 4 } } }, { outputs: { scores: { partitions: 5 } } }, undefined],
  ['an output topic may not lose partitions', 'DetectionPipeline', { outputs: { scores: { topic: 'a', partitions: 4 } } }, { outputs: { scores: { partitions: 2 } } }, ['spec.outputs.scores.partitions', `${fewer}, or another topic`]],
  ['the detector may change', 'DetectionPipeline', {}, { detector: { microClusters: null, robustZScore: {} } }, undefined],
  ['a fleet\'s partitions may become more', 'DeviceFleet', {}, { topic: { partitions: 16 } }, undefined],
  ['a fleet\'s partitions may not become fewer', 'DeviceFleet', {}, { topic: { partitions: 1 } }, ['spec.topic.partitions', fewer]],
  ['a fleet\'s topic may not change', 'DeviceFleet', {}, { topic: { name: 'other' } }, ['spec.topic.name', otherTopic]],
  ['a fleet\'s cluster may not change', 'DeviceFleet', { kafka: onStrimzi }, { kafka: { clusterRef: { name: 'other' } } }, ['spec.kafka.clusterRef', otherCluster]],
]

test.each(changes.map((change, index) => [...change, `change-${index}`] as const))('%s', async (_, kind, before, change, refused, name) => {
  const document = { ...(kind === 'DetectionPipeline' ? pipelineDocument() : fleetDocument()), metadata: { name } }
  // What is before is new to the server; only the change is judged by what was.
  const created = await api.request('POST', pathOf(kind, namespace), { ...document, spec: mergeInto(document.spec as unknown as Json, before as Json) })
  expect(created.status, created.body.message).toBe(201)

  const path = pathOf(kind, namespace, name)
  const changed = await api.request('PATCH', path, { spec: change }, mergePatch)
  if (refused === undefined) {
    expect(changed.status, changed.body.message).toBe(200)
    return
  }
  const [field, message] = refused
  expect(changed.status).toBe(422)
  expect(changed.body.details?.causes).toEqual([{ reason: 'FieldValueInvalid', field, message: expect.stringContaining(message) }])
  // zod looks at one manifest and cannot know what was before: only the server tells.
  const wanted = mergeInto(created.body.spec, change as Json)
  expect(parseManifest({ ...document, spec: wanted }).ok).toBe(true)
})

type Json = Record<string, unknown>

/** RFC 7396. */
function mergeInto(target: Json, patch: Json): Json {
  const result = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (typeof value === 'object' && !Array.isArray(value)) result[key] = mergeInto((result[key] ?? {}) as Json, value as Json)
    else result[key] = value
  }
  return result
}
