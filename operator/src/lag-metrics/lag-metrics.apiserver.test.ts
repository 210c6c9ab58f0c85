import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { createLogger, FakeClock, Registry, systemClock } from '@tidewatch/kit'
import { createKube, loadKubeConfig, resources, type Kube, type KubeObject, type Resource } from '@tidewatch/kube'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { createLagMetrics, type LagMetrics } from './lag-metrics.ts'
import { call, listOf, textOf } from './testing/callers.ts'
import type { LagAnswer, LagReader } from './watcher.ts'

const namespace = `lag-${randomBytes(4).toString('hex')}`
const serviceName = 'tidewatch-operator'
const group = '/apis/external.metrics.k8s.io/v1beta1'
const metricPath = `${group}/namespaces/${namespace}/tidewatch_drain_seconds`
const endpointSlices: Resource = { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true }
const apiService = { name: 'v1beta1.external.metrics.k8s.io' }
const log = createLogger({ name: 'test', level: 'silent' })

let lagOfHvac: LagAnswer = {
  kind: 'Known',
  signal: { atMs: Date.now(), drainSeconds: 45.5, workSeconds: 45.5, lagRecords: 4_550, totalLag: 4_550, ratePerSecond: 100, arrivalsPerSecond: 100, worstPartition: 0, stuckPartitions: [], reason: '' },
}
const lag: LagReader = { listPipelines: (of) => (of === namespace ? ['hvac'] : []), signalOf: (_, name) => (name === 'hvac' ? lagOfHvac : undefined) }

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
}

/** The API server as curl sees it. */
function connect(file: string) {
  const { clusters: [{ cluster }], users: [{ user }] } = parse(readFileSync(file, 'utf8')) as Kubeconfig
  const text = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')
  const url = new URL(cluster.server)
  const { 'client-certificate-data': cert, 'client-key-data': key } = user
  return (path: string, over: { headers?: Record<string, string>; method?: string; body?: unknown } = {}) =>
    call({ host: url.hostname, port: Number(url.port), path, ca: text(cluster['certificate-authority-data']), serverName: url.hostname === '127.0.0.1' ? 'localhost' : url.hostname, client: { cert: text(cert), key: text(key) }, ...over, headers: { 'content-type': 'application/json', ...over.headers } })
}

/** Slices of endpoints take no loopback address. */
function ownAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((all) => all ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)
  if (found === undefined) throw new Error('this machine has no address but the loopback: give it one, or run these tests elsewhere')
  return found.address
}

async function waitFor<Value>(what: string, read: () => Promise<Value | undefined>): Promise<Value> {
  for (let i = 0; i < 120; i++) {
    const value = await read()
    if (value !== undefined) return value
    await systemClock.sleep(250)
  }
  throw new Error(`${what} has not come within 30 s`)
}

let kube: Kube
let ask: ReturnType<typeof connect>
let lagMetrics: LagMetrics
const stop = new AbortController()
let running: Promise<void>

const metricsOf = (over: Partial<Parameters<typeof createLagMetrics>[0]> = {}) =>
  createLagMetrics({ kube, lag, clock: systemClock, log, namespace, serviceName, port: 0, isLeader: () => true, intervalMs: 500, ...over })

beforeAll(async () => {
  const file = inject('kubeconfig')
  kube = createKube({ kubeConfig: loadKubeConfig({ file }) })
  ask = connect(file)
  const metadata = { name: serviceName, namespace }
  await kube.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await kube.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'lag-metrics', port: 443, targetPort: 8443 }] } })
  lagMetrics = metricsOf()
  running = lagMetrics.run(stop.signal)
  const port = await waitFor('the server', async () => lagMetrics.port())
  await kube.create(endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    ports: [{ name: 'lag-metrics', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [ownAddress()], conditions: { ready: true } }],
  })
})

afterAll(async () => {
  stop.abort()
  await running
  await kube.delete(resources.apiServices, apiService)
  await kube.delete(resources.namespaces, { name: namespace })
})

test('the API server takes the APIService for available', async () => {
  const slot = await waitFor('Available', async () => (lagMetrics.slot()?.kind === 'Ours' && (lagMetrics.slot() as { available: boolean }).available ? lagMetrics.slot() : undefined))
  expect(slot).toEqual({ kind: 'Ours', available: true, message: 'The API server passes external metrics on to the operator' })
  const { spec } = (await kube.read(resources.apiServices, apiService)) as KubeObject & { spec: { insecureSkipTLSVerify?: boolean } }
  expect(spec.insecureSkipTLSVerify).toBeUndefined()
})

describe('through the API server', () => {
  test('an administrator reads the value as the HPA would', async () => {
    const { status, body } = await waitFor('the route', async () => {
      const answer = await ask(`${metricPath}?labelSelector=pipeline%3Dhvac`)
      return answer.status === 200 ? answer : undefined
    })
    expect([status, body.items]).toEqual([200, [{ metricName: 'tidewatch_drain_seconds', metricLabels: { pipeline: 'hvac' }, timestamp: expect.stringMatching(/Z$/), value: '45500m' }]])
  })

  test('somebody without rights is refused by the review', async () => {
    const { status, body } = await ask(metricPath, { headers: { 'Impersonate-User': 'eve' } })
    expect([status, body.reason, body.message]).toEqual([403, 'Forbidden', expect.stringContaining('User "eve" cannot list resource "tidewatch_drain_seconds"')])
  })

  test("the HPA's own role is enough", async () => {
    const { status } = await ask(metricPath, { headers: { 'Impersonate-User': 'system:serviceaccount:kube-system:horizontal-pod-autoscaler' } })
    expect(status).toBe(200)
  })

  test('what is not known is 503 with the reason', async () => {
    const before = lagOfHvac
    lagOfHvac = { kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', why: 'No Kafka broker answered', sinceMs: 0 }
    const { status, body } = await ask(metricPath)
    lagOfHvac = before
    expect([status, body.message]).toEqual([503, `the lag of pipeline ${namespace}/hvac is not known: No Kafka broker answered`])
  })

  test('discovery shows both metrics, alone and among all groups', async () => {
    expect(listOf((await ask(group)).body.resources).map((one) => one.name)).toEqual(['tidewatch_drain_seconds', 'tidewatch_lag_records'])
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const found = await waitFor('aggregated discovery', async () => listOf((await ask('/apis', { headers: { accept } })).body.items).find((one) => textOf(one.metadata?.name) === 'external.metrics.k8s.io' && textOf(listOf(one.versions)[0]?.freshness) === 'Current'))
    expect(listOf(listOf(found.versions)[0]?.resources).map((one) => one.resource)).toEqual(['tidewatch_drain_seconds', 'tidewatch_lag_records'])
  })

  test('OpenAPI is merged', async () => {
    await waitFor('the document', async () => (await ask('/openapi/v3', { headers: { accept: 'application/json' } })).body.paths?.['apis/external.metrics.k8s.io/v1beta1'])
    expect((await ask('/openapi/v3/apis/external.metrics.k8s.io/v1beta1', { headers: { accept: 'application/json' } })).body).toMatchObject({ openapi: '3.0.0' })
  })
})

test('a caller with a bearer token is known by it', async () => {
  await kube.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'caller', namespace } })
  const { body } = await ask(`/api/v1/namespaces/${namespace}/serviceaccounts/caller/token`, { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} } })
  const secret = (await kube.read(resources.secrets, { namespace, name: `${serviceName}-lag-metrics-tls` })) as KubeObject & { data: Record<string, string> }
  const direct = (token: string) =>
    call({ port: lagMetrics.port() ?? 0, path: metricPath, ca: Buffer.from(secret.data['ca.crt'] ?? '', 'base64').toString('utf8'), serverName: `${serviceName}.${namespace}.svc`, headers: { authorization: `Bearer ${token}` } })
  expect((await direct(textOf(body.status?.token))).body.message).toContain(`User "system:serviceaccount:${namespace}:caller" cannot list`)
  expect((await direct('wrong')).status).toBe(401)
})

test('at rest nothing is written, by this replica or by another', async () => {
  const versions = async () => [
    (await kube.read(resources.apiServices, apiService))?.metadata.resourceVersion,
    (await kube.read(resources.secrets, { namespace, name: `${serviceName}-lag-metrics-tls` }))?.metadata.resourceVersion,
  ]
  const before = await versions()
  const end = new AbortController()
  const other = metricsOf({ isLeader: () => false })
  await other.refresh()
  end.abort()
  await other.run(end.signal)
  await lagMetrics.refresh()
  expect([await versions(), other.slot()?.kind]).toEqual([before, 'Ours'])
})

test('two replicas that begin at once show certificates of one authority', async () => {
  const own = { serviceName: 'second' }
  const [a, b] = [metricsOf({ ...own, isLeader: () => false }), metricsOf({ ...own, isLeader: () => false })]
  await Promise.all([a.refresh(), b.refresh()])
  const secret = (await kube.read(resources.secrets, { namespace, name: 'second-lag-metrics-tls' })) as KubeObject & { data: Record<string, string> }
  const ca = Buffer.from(secret.data['ca.crt'] ?? '', 'base64').toString('utf8')
  for (const replica of [a, b]) expect((await call({ port: replica.port() ?? 0, path: '/healthz', ca, serverName: `second.${namespace}.svc` })).status).toBe(200)
  const end = new AbortController()
  end.abort()
  await Promise.all([a.run(end.signal), b.run(end.signal)])
})

test('certificates are renewed at two thirds of their life, and the API server follows', async () => {
  const later = new FakeClock(Date.now() + 61 * 86_400_000)
  const end = new AbortController()
  const registry = new Registry()
  const replica = metricsOf({ serviceName: 'second', isLeader: () => false, clock: later, registry })
  const read = async () => (await kube.read(resources.secrets, { namespace, name: 'second-lag-metrics-tls' })) as KubeObject & { data: Record<string, string> }
  const before = await read()
  await replica.refresh()
  const after = await read()
  expect([after.data['ca.crt'] === before.data['ca.crt'], after.data['tls.crt'] === before.data['tls.crt']]).toEqual([true, false])
  const told = await registry.getSingleMetric('tidewatch_lag_metrics_certificate_expiry_timestamp_seconds')?.get()
  // A certificate tells whole seconds.
  expect(told?.values[0]?.value).toBe(Math.floor(later.now() / 1_000) + 90 * 86_400)
  end.abort()
  await replica.run(end.signal)
})

// Last: it takes the slot away.
test("somebody else's APIService is left alone, and it is told whose it is and what to do", async () => {
  stop.abort()
  await running
  await kube.delete(resources.apiServices, apiService)
  const theirs = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: apiService,
    spec: { group: 'external.metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { namespace: 'monitoring', name: 'prometheus-adapter' } },
  }
  await kube.create(resources.apiServices, theirs)
  const replica = metricsOf()
  await replica.refresh()
  expect(replica.slot()).toEqual({
    kind: 'Taken',
    by: 'Service monitoring/prometheus-adapter',
    message:
      "The cluster's only slot for external metrics (APIService v1beta1.external.metrics.k8s.io) belongs to Service monitoring/prometheus-adapter: install KEDA and write scaling.metricsSource Keda, or have that adapter read tidewatch_consumer_lag from Prometheus, or delete the APIService if nobody needs it",
  })
  expect((await kube.read(resources.apiServices, apiService))?.spec).toMatchObject({ service: { namespace: 'monitoring', name: 'prometheus-adapter' }, insecureSkipTLSVerify: true })
  await kube.delete(resources.apiServices, apiService)
  await replica.refresh()
  expect(replica.slot()?.kind).toBe('Ours')
  const end = new AbortController()
  end.abort()
  await replica.run(end.signal)
})
