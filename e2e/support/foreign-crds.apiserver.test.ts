import { afterAll, beforeAll, expect, test } from 'vitest'
import { installDefinitions, listServed, removeDefinitions } from './definitions.ts'
import { ensureKedaCrds, ensurePodMonitorCrd, ensureStrimziCrds, type StrimziVersions } from './foreign-crds.ts'
import { startOwnControlPlane } from './own-control-plane.ts'

// Definitions are of the whole cluster, and the other files' operators would take notice: hence a server of its own.
let server: Awaited<ReturnType<typeof startOwnControlPlane>>
beforeAll(async () => {
  server = await startOwnControlPlane()
})
afterAll(() => server.stop())

test.each<[StrimziVersions, string[]]>([
  ['v1beta2', ['v1beta2']],
  ['v1+v1beta2', ['v1', 'v1beta2']],
  ['v1', ['v1']],
])('Strimzi\'s definitions as %s are established and served', async (versions, expected) => {
  const { kube } = server
  const definitions = await ensureStrimziCrds(versions)
  expect(definitions.map(({ metadata }) => metadata.name)).toEqual(['kafkas.kafka.strimzi.io', 'kafkatopics.kafka.strimzi.io', 'kafkausers.kafka.strimzi.io'])
  await installDefinitions(kube, definitions)
  expect((await kube.listVersions('kafka.strimzi.io')).sort()).toEqual(expected)
  await removeDefinitions(kube, definitions)
})

test('KEDA\'s and the Prometheus operator\'s definitions are established and served', async () => {
  const { kube } = server
  const definitions = [...(await ensureKedaCrds()), await ensurePodMonitorCrd()]
  await installDefinitions(kube, definitions)
  expect(definitions.flatMap(listServed).map(({ group, version, kind }) => `${group}/${version} ${kind}`).sort()).toEqual([
    'keda.sh/v1alpha1 ClusterTriggerAuthentication',
    'keda.sh/v1alpha1 ScaledJob',
    'keda.sh/v1alpha1 ScaledObject',
    'keda.sh/v1alpha1 TriggerAuthentication',
    'monitoring.coreos.com/v1 PodMonitor',
  ])
  await removeDefinitions(kube, definitions)
})
