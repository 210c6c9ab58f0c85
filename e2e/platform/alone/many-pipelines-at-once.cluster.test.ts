import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { buildFigures, figuresFile, type Usage } from '../../support/operator-figures.ts'
import { listOperators } from '../../support/operator-pods.ts'
import { conditionOf, uniqueName, useNamespace, usePlatform } from '../../support/platform.ts'
import { aPipeline } from '../../support/stories.ts'

const platform = usePlatform()
const { cluster, kafka, operatorNamespace, tellsLongStories } = platform
const namespace = useNamespace('many')
const count = tellsLongStories ? 200 : 20
const prefix = uniqueName('many')
/** Long enough for every regular look of the operator. */
const restMs = tellsLongStories ? 120_000 : 5_000

/** Resident memory and used CPU time of the operator, as it measures itself. */
async function readOperator(): Promise<{ residentMb: number; cpuSeconds: number; atMs: number }> {
  const [pod] = await listOperators(cluster, platform)
  const page = await cluster.run(['get', '--raw', `/api/v1/namespaces/${operatorNamespace}/pods/${pod?.metadata.name}:8080/proxy/metrics`])
  const read = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN)
  return { residentMb: read('process_resident_memory_bytes') / 1e6, cpuSeconds: read('process_cpu_seconds_total'), atMs: Date.now() }
}

/** What it uses while nothing changes. */
async function readRest(): Promise<Usage> {
  const before = await readOperator()
  await sleep(restMs)
  const after = await readOperator()
  return { residentMb: after.residentMb, milliCores: ((after.cpuSeconds - before.cpuSeconds) / (after.atMs - before.atMs)) * 1e6 }
}

test(`${count} pipelines at once are all reconciled`, async () => {
  const atRest = await readRest()
  const before = await readOperator()
  // Paused: what is measured is the operator, not how many processes a node holds.
  const pipelines = Array.from({ length: count }, (_, i) => aPipeline({ namespace, bootstrap: kafka.bootstrap, topic: `${prefix}-${i}`, name: `plant-${i}`, partitions: 1 }, { paused: true }))
  await cluster.apply(pipelines)
  const isDone = (all: KubeObject[]) => all.length === count && all.every((one) => conditionOf(one, 'Paused')?.status === 'True' && conditionOf(one, 'TopicsReady')?.status === 'True')
  await eventually('all are reconciled', () => cluster.list('detectionpipelines', namespace), isDone, { timeoutMs: 60_000 + count * 2_000, everyMs: 2_000 })
  expect(await cluster.list('configmap', namespace, 'app.kubernetes.io/part-of=tidewatch')).toHaveLength(count)
  const after = await readOperator()
  const withAll = await readRest()
  const figures = buildFigures({ count, atRest, withAll, burst: { seconds: (after.atMs - before.atMs) / 1_000, cpuSeconds: after.cpuSeconds - before.cpuSeconds } })
  console.log(figures)
  if (process.env['TIDEWATCH_E2E_WRITE_REFERENCE'] === 'true') writeFileSync(figuresFile, figures)
  expect(withAll.residentMb).toBeLessThan(512)
})
