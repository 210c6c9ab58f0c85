import { randomBytes } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createKube, loadKubeConfig, resources, type KubeObject } from '@tidewatch/kube'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { parse } from 'yaml'

/** The operator as the process that runs in its pod. */
const kube = createKube({ kubeConfig: loadKubeConfig({ file: inject('kubeconfig') }) })
const manager = { fieldManager: 'test', force: true }
const namespace = `process-${randomBytes(4).toString('hex')}`

beforeAll(async () => {
  for (const file of ['detectionpipelines', 'devicefleets']) {
    await kube.apply(resources.customResourceDefinitions, parse(readFileSync(new URL(`../../crds/${file}.yaml`, import.meta.url), 'utf8')) as KubeObject, manager)
  }
  for (const resource of [resources.detectionPipelines, resources.deviceFleets]) await vi.waitFor(() => kube.list(resource, { limit: 1 }), { timeout: 30_000, interval: 200 })
  await kube.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, manager)
})

let started: ChildProcess | undefined
afterEach(() => started?.kill('SIGKILL'))
afterAll(async () => {
  await kube.delete(resources.namespaces, { name: namespace })
  await kube.close()
})

test('it starts, is ready, holds the Lease, and lets go of it when it is told to end', async () => {
  const process_ = spawn(process.execPath, [new URL('main.ts', import.meta.url).pathname], {
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: inject('kubeconfig'),
      TIDEWATCH_NAMESPACE: namespace,
      TIDEWATCH_POD_NAME: 'operator-0',
      TIDEWATCH_WATCH_NAMESPACES: namespace,
      TIDEWATCH_DETECTOR_IMAGE: 'tidewatch/detector:0.1.0',
      TIDEWATCH_SIMULATOR_IMAGE: 'tidewatch/simulator:0.1.0',
      TIDEWATCH_PORT: '0',
      TIDEWATCH_LAG_METRICS_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started = process_
  let log = ''
  process_.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()))
  const port = await vi.waitFor(() => {
    const line = log.split('\n').find((one) => one.includes('Serving metrics and probes'))
    expect(line, log).toBeDefined()
    return (JSON.parse(line!) as { port: number }).port
  }, { timeout: 30_000 })
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  await vi.waitFor(async () => expect(await ask('/readyz'), log).toBe('ok'), { timeout: 30_000 })
  const holder = async () => ((await kube.read(resources.leases, { namespace, name: 'tidewatch-operator' }))?.spec as { holderIdentity?: string } | undefined)?.holderIdentity
  await vi.waitFor(async () => expect(await holder()).toBe('operator-0'), { timeout: 30_000 })
  expect(await ask('/metrics')).toContain('rest_client_requests_total{')
  await vi.waitFor(async () => expect(await ask('/metrics')).toContain('leader_election_master_status{name="tidewatch-operator"} 1'), { timeout: 10_000 })
  const ended = once(process_, 'exit')
  process_.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect((await holder()) ?? '').toBe('')
})
