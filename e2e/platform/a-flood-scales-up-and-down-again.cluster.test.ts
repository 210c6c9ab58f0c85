import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { countTurns, watchReplicas } from '../support/replica-watch.ts'
import { aFleet, aPipeline, waitForCondition } from '../support/stories.ts'

const { cluster, kafka } = usePlatform()
const namespace = useNamespace('flood')
const partitions = 3
const where = { namespace, bootstrap: kafka.bootstrap, topic: uniqueName('flood'), name: 'plant', partitions }

/** Quick enough for a story; in a plant one waits longer before pods are taken away. */
const behavior = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent' as const, value: 200, periodSeconds: 15 }] },
  scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: 'Percent' as const, value: 100, periodSeconds: 15 }] },
}
/** A tenth of a core: a detector that a small flood is too much for. */
const template = { resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { cpu: '100m', memory: '512Mi' } } }

test('a flood makes more detectors, never more than partitions, and its end takes them away again', async () => {
  await cluster.apply([aPipeline(where, { scaling: { minReplicas: 1, targetDrainTime: '5s', behavior }, template })])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'AutoscalingActive', status: 'True' }, 150_000)
  const watch = watchReplicas(cluster, namespace, 'plant-detector')
  try {
    await cluster.apply([aFleet(where, { devices: { count: 200 }, rate: 200, duration: '40s', linger: '20ms' })])
    await eventually('there are more detectors', () => cluster.read<KubeObject & { spec: { replicas?: number } }>('deployment', 'plant-detector', namespace), (one) => (one?.spec.replicas ?? 1) > 1, { timeoutMs: 120_000, everyMs: 1_000 })
    await eventually('there is one detector again', () => cluster.read<KubeObject & { spec: { replicas?: number }; status?: { replicas?: number } }>('deployment', 'plant-detector', namespace), (one) => one?.spec.replicas === 1 && one.status?.replicas === 1, { timeoutMs: 300_000, everyMs: 1_000 })
  } finally {
    await watch.stop()
  }
  expect(Math.max(...watch.values)).toBeLessThanOrEqual(partitions)
  expect(countTurns(watch.values)).toBeLessThanOrEqual(2)
  const pipeline = await cluster.read<KubeObject & { status?: { lag?: { total?: number } } }>('detectionpipeline', 'plant', namespace)
  expect(pipeline?.status?.lag?.total).toBe(0)
})
