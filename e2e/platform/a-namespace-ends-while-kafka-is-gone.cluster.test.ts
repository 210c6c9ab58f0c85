import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { buildNamespace } from '../support/kafka-objects.ts'
import { deployKafka, type KafkaAddresses } from '../support/kafka-pod.ts'
import { uniqueName, usePlatform } from '../support/platform.ts'
import { aFleet, aPipeline, waitForCondition } from '../support/stories.ts'

const { cluster, kafkaImage } = usePlatform()
const namespace = uniqueName('doomed')
let own: { addresses: KafkaAddresses; remove: () => Promise<void> }

beforeAll(async () => {
  own = await deployKafka(cluster, { namespace: uniqueName('stories-kafka'), image: kafkaImage })
  await cluster.apply([buildNamespace(namespace)])
})
afterAll(async () => {
  await own?.remove()
  await cluster.run(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s'])
})

test('a namespace with a running pipeline and fleet is gone within 60 s, though nobody can delete their topics', async () => {
  const where = { namespace, bootstrap: own.addresses.bootstrap, topic: 'doomed', name: 'plant' }
  const source = { topic: { name: 'doomed', partitions: 4, deletionPolicy: 'Delete' as const }, preset: 'SensorReading' as const }
  await cluster.apply([aFleet(where), aPipeline(where, { source })])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })

  await cluster.run(['scale', 'deployment/kafka', '-n', own.addresses.namespace, '--replicas=0'])
  await cluster.run(['wait', 'pod', '-l', 'app=kafka', '-n', own.addresses.namespace, '--for=delete', '--timeout=30s'])
  await cluster.run(['delete', 'namespace', namespace, '--wait=false'])
  const left = await eventually('the namespace is gone', () => cluster.read('namespace', namespace), (object) => object === undefined, { timeoutMs: 60_000 })
  expect(left).toBeUndefined()
})
