import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { listOperators } from '../../support/operator-pods.ts'
import { conditionOf, uniqueName, useNamespace, usePlatform } from '../../support/platform.ts'
import { aPipeline } from '../../support/stories.ts'

const platform = usePlatform()
const { cluster, kafka, operatorNamespace, tellsLongStories } = platform
const namespace = useNamespace('many')
const count = tellsLongStories ? 200 : 20
const prefix = uniqueName('many')

/** Resident memory and used CPU time of the operator, as it measures itself. */
async function readOperatorUsage(): Promise<{ residentMb: number; cpuSeconds: number }> {
  const [pod] = await listOperators(cluster, platform)
  const page = await cluster.run(['get', '--raw', `/api/v1/namespaces/${operatorNamespace}/pods/${pod?.metadata.name}:8080/proxy/metrics`])
  const read = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN)
  return { residentMb: read('process_resident_memory_bytes') / 1e6, cpuSeconds: read('process_cpu_seconds_total') }
}

test(`${count} pipelines at once are all reconciled`, async () => {
  const before = await readOperatorUsage()
  // Paused: what is measured is the operator, not how many processes a node holds.
  const pipelines = Array.from({ length: count }, (_, i) => aPipeline({ namespace, bootstrap: kafka.bootstrap, topic: `${prefix}-${i}`, name: `plant-${i}`, partitions: 1 }, { paused: true }))
  await cluster.apply(pipelines)
  const isDone = (all: KubeObject[]) => all.length === count && all.every((one) => conditionOf(one, 'Paused')?.status === 'True' && conditionOf(one, 'TopicsReady')?.status === 'True')
  await eventually('all are reconciled', () => cluster.list('detectionpipelines', namespace), isDone, { timeoutMs: 60_000 + count * 2_000, everyMs: 2_000 })
  expect(await cluster.list('configmap', namespace, 'app.kubernetes.io/part-of=tidewatch')).toHaveLength(count)
  const after = await readOperatorUsage()
  console.log(`operator: ${before.residentMb.toFixed(0)} MB at rest, ${after.residentMb.toFixed(0)} MB with ${count} pipelines, ${(after.cpuSeconds - before.cpuSeconds).toFixed(1)} s of CPU to reconcile them`)
  expect(after.residentMb).toBeLessThan(512)
})
