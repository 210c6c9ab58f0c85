import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { detectorMetrics, simulatorMetrics } from '@tidewatch/api'
import { FakeClock, nextTurn } from '@tidewatch/kit'
import { resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { anObject } from '@tidewatch/kube/testing'
import { afterEach, expect, test } from 'vitest'
import { listTargets } from './pods.ts'
import { scrapeMetrics, type Scrape } from './scrape.ts'
import { Telemetry } from './telemetry.ts'

const name = { namespace: 'default', name: 'hvac' }
const signal = new AbortController().signal
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function serve(page: string): Promise<string> {
  const server = createServer((_, response) => void response.end(page))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function aPod(podName: string, label: string, { podIP = '10.0.0.1', restarts = 0, phase = 'Running' } = {}): KubeObject {
  return anObject(podName, { metadata: { uid: `uid-${podName}`, labels: { [label]: 'hvac' } }, status: { phase, podIP, containerStatuses: [{ restartCount: restarts }] } }, resources.pods)
}

/** Pipelines, fleets and pods that a test changes, and pages by address. */
function aWorld(pipelines: KubeObject[], fleets: KubeObject[] = []) {
  const world = { pods: [] as KubeObject[], pages: {} as Record<string, { name: string; value: number; labels?: Record<string, string> }[]>, pipelines }
  const listAll = (resource: Resource) => (resource === resources.detectionPipelines ? world.pipelines : fleets)
  const scrape: Scrape = async (address) => world.pages[address]?.map((one) => ({ labels: {}, ...one }))
  const clock = new FakeClock(0)
  const telemetry = new Telemetry({ objects: { listAll, list: () => world.pods }, clock, scrape })
  return { world, telemetry, clock }
}

const aPipelineObject = (uid = 'one', status?: object) => anObject('hvac', { metadata: { uid }, ...(status && { status }) }, resources.detectionPipelines)

test('pods that run and have an address are asked, each run of a container by itself', () => {
  const pods = [aPod('a', 'x'), aPod('b', 'x', { restarts: 2 }), aPod('c', 'x', { phase: 'Pending' }), aPod('d', 'x', { podIP: '' }), aPod('e', 'x', { podIP: 'fd00::1' })]
  expect(listTargets(pods)).toEqual([
    { id: 'uid-a/0', address: '10.0.0.1:8080' },
    { id: 'uid-b/2', address: '10.0.0.1:8080' },
    { id: 'uid-e/0', address: '[fd00::1]:8080' },
  ])
})

test('counters go on when a pod is replaced or its container restarts, gauges do not', async () => {
  const { world, telemetry } = aWorld([aPipelineObject()])
  world.pods = [aPod('a', 'tidewatch.dev/pipeline')]
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.anomalies, value: 5 }, { name: detectorMetrics.keys, value: 7, labels: { state: 'active' } }]
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)).toMatchObject({ anomalies: { total: 5 }, model: { devices: 7 } })
  world.pods = [aPod('a', 'tidewatch.dev/pipeline', { restarts: 1 })]
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.anomalies, value: 1 }, { name: detectorMetrics.keys, value: 2, labels: { state: 'active' } }]
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)).toMatchObject({ anomalies: { total: 6 }, model: { devices: 2 } })
})

test('a pod that does not answer keeps what it told last', async () => {
  const { world, telemetry } = aWorld([aPipelineObject()])
  world.pods = [aPod('a', 'tidewatch.dev/pipeline')]
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)).toBeUndefined()
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.anomalies, value: 5 }]
  await telemetry.look(signal)
  delete world.pages['10.0.0.1:8080']
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)?.anomalies).toEqual({ lastHour: 5, total: 5 })
})

test('another pipeline of the same name starts from nothing, one that is gone is forgotten', async () => {
  const { world, telemetry } = aWorld([aPipelineObject()])
  world.pods = [aPod('a', 'tidewatch.dev/pipeline')]
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.anomalies, value: 5 }]
  await telemetry.look(signal)
  world.pipelines = [aPipelineObject('two')]
  world.pods = [aPod('b', 'tidewatch.dev/pipeline')]
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.anomalies, value: 1 }]
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)?.anomalies?.total).toBe(1)
  world.pipelines = []
  await telemetry.look(signal)
  expect(telemetry.pipelineOf(name)).toBeUndefined()
})

test('a fleet is the sum of its shards', async () => {
  const { world, telemetry } = aWorld([], [anObject('hvac', { metadata: { uid: 'f' } }, resources.deviceFleets)])
  world.pods = [aPod('a', 'tidewatch.dev/fleet'), aPod('b', 'tidewatch.dev/fleet', { podIP: '10.0.0.2' })]
  for (const address of ['10.0.0.1:8080', '10.0.0.2:8080']) {
    world.pages[address] = [{ name: simulatorMetrics.sent, value: 10 }, { name: simulatorMetrics.rate, value: 2.5 }, { name: simulatorMetrics.activeDevices, value: 4 }, { name: simulatorMetrics.faulty, value: 3, labels: { fault: 'spike' } }]
  }
  await telemetry.look(signal)
  expect(telemetry.fleetOf(name)).toEqual({ activeDevices: 8, sent: 20, sendErrors: 0, achievedRate: 5, injected: { spike: 6 } })
})

test('a page is read over HTTP; what is too large, not there or no page is no answer', async () => {
  expect(await scrapeMetrics(await serve('a_total 3\n'), signal)).toEqual([{ name: 'a_total', labels: {}, value: 3 }])
  expect(await scrapeMetrics(await serve('x'.repeat(5_000_000)), signal)).toBeUndefined()
  const [closed] = [await serve('')]
  servers.pop()?.close()
  expect(await scrapeMetrics(closed, signal)).toBeUndefined()
})

test('looks every ten seconds until it is told to end', async () => {
  const { world, telemetry, clock } = aWorld([aPipelineObject()])
  world.pods = [aPod('a', 'tidewatch.dev/pipeline')]
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.processed, value: 0 }]
  const abort = new AbortController()
  const running = telemetry.run(abort.signal)
  await nextTurn()
  world.pages['10.0.0.1:8080'] = [{ name: detectorMetrics.processed, value: 1_000 }]
  clock.advance(10_000)
  await nextTurn()
  expect(telemetry.pipelineOf(name)?.readingsPerSecond).toBe(100)
  abort.abort()
  await running
})
