import { createLogger, FakeClock } from '@tidewatch/kit'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from './authenticator.ts'
import { createAuthorizer } from './authorizer.ts'
import { startExternalMetricsApi, type ExternalMetricsApi } from './external-metrics-api.ts'
import { issueAll, type CertificateSet } from './issue-certificates.ts'
import { parseRequestHeaderConfig, type RequestHeaderConfig } from './request-header.ts'
import { call, createClientAuthority, listOf, type Call } from './testing/callers.ts'
import { Reviewer } from './testing/reviews.ts'
import type { LagAnswer, LagReader } from './watcher.ts'

const serverName = 'tidewatch.ops.svc'
const metricPath = '/apis/external.metrics.k8s.io/v1beta1/namespaces/factory/tidewatch_drain_seconds'
const hpa = { 'x-remote-user': 'hpa', 'x-remote-group': ['system:serviceaccounts', 'team'], 'x-remote-extra-scopes%2fa': 'x' }

const known = (drainSeconds: number | undefined, lagRecords = 4_500): LagAnswer => ({
  kind: 'Known',
  signal: { atMs: Date.parse('2030-01-01T00:00:00.500Z'), drainSeconds, workSeconds: drainSeconds, lagRecords, totalLag: lagRecords, ratePerSecond: 100, arrivalsPerSecond: 100, worstPartition: 0, stuckPartitions: [], reason: 'records wait and nothing was worked off yet' },
})

let authority: Awaited<ReturnType<typeof createClientAuthority>>
let stranger: Awaited<ReturnType<typeof createClientAuthority>>
let proxy: { cert: string; key: string }
let certificates: CertificateSet
let requestHeader: RequestHeaderConfig | undefined

beforeAll(async () => {
  authority = await createClientAuthority('front-proxy-ca')
  stranger = await createClientAuthority('front-proxy-ca')
  proxy = await authority.issue('front-proxy-client')
  certificates = await issueAll({ names: [serverName], nowMs: Date.now() })
  requestHeader = parseRequestHeaderConfig({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication' },
    data: {
      'requestheader-client-ca-file': authority.certificate,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    },
  })
})

let api: ExternalMetricsApi
let reviewer: Reviewer
let clock: FakeClock
let lags: Record<string, LagAnswer>

beforeEach(async () => {
  reviewer = new Reviewer()
  reviewer.rights.set('hpa', ['list tidewatch_drain_seconds factory', 'list tidewatch_lag_records factory', 'list other factory', 'get /apis', 'get /apis/external.metrics.k8s.io', 'get /apis/external.metrics.k8s.io/v1beta1', 'get /openapi/v2', 'get /openapi/v3', 'get /openapi/v3/apis/external.metrics.k8s.io/v1beta1', 'get /nothing', 'post /apis'])
  clock = new FakeClock(1_000)
  lags = { hvac: known(45) }
  const lag: LagReader = { listPipelines: (namespace) => (namespace === 'factory' ? Object.keys(lags) : []), signalOf: (_, name) => lags[name] }
  api = await startExternalMetricsApi({
    port: 0,
    host: '127.0.0.1',
    material: { certificates, requestHeader },
    lag,
    authenticate: createAuthenticator({ kube: reviewer, clock }),
    authorize: createAuthorizer({ kube: reviewer, clock }),
    readiness: () => undefined,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
})
afterEach(() => api.close())

const ask = (path: string, over: Partial<Call> = {}) => call({ port: api.port, path, ca: certificates.caBundle, serverName, client: proxy, headers: hpa, ...over })
const direct = (path: string, headers: Record<string, string>) => call({ port: api.port, path, ca: certificates.caBundle, serverName, headers })

describe('who asks', () => {
  test('the aggregator, for somebody who may', async () => {
    expect(await ask(`${metricPath}?labelSelector=pipeline%3Dhvac`)).toEqual({
      status: 200,
      type: 'application/json',
      body: {
        kind: 'ExternalMetricValueList',
        apiVersion: 'external.metrics.k8s.io/v1beta1',
        metadata: {},
        items: [{ metricName: 'tidewatch_drain_seconds', metricLabels: { pipeline: 'hvac' }, timestamp: '2030-01-01T00:00:00Z', value: '45' }],
      },
    })
    expect(reviewer.asked.map(({ spec }) => spec)).toEqual([
      {
        user: 'hpa',
        groups: ['system:serviceaccounts', 'team', 'system:authenticated'],
        extra: { 'scopes/a': ['x'] },
        resourceAttributes: { verb: 'list', group: 'external.metrics.k8s.io', version: 'v1beta1', namespace: 'factory', resource: 'tidewatch_drain_seconds' },
      },
    ])
  })

  test('the aggregator, for somebody who may not: 403 with who and what', async () => {
    const { status, body } = await ask(metricPath, { headers: { 'x-remote-user': 'eve' } })
    expect(status).toBe(403)
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message: 'User "eve" cannot list resource "tidewatch_drain_seconds" in API group "external.metrics.k8s.io" in the namespace "factory": no role allows it',
    })
  })

  test('the API server itself needs no review', async () => {
    expect((await ask('/apis/external.metrics.k8s.io/v1beta1', { headers: { 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' } })).status).toBe(200)
    expect(reviewer.asked).toEqual([])
  })

  test.each([
    ['a certificate by another authority of the same name', async () => ask(metricPath, { client: await stranger.issue('front-proxy-client') })],
    ['a certificate with another name', async () => ask(metricPath, { client: await authority.issue('somebody') })],
    ['no certificate, whatever the headers say', () => direct(metricPath, { 'x-remote-user': 'hpa', 'x-remote-group': 'system:masters' })],
    ['the aggregator for nobody', () => ask(metricPath, { headers: {} })],
    ['a token that nobody knows', () => direct(metricPath, { authorization: 'Bearer wrong' })],
    ['no token after the word', () => direct(metricPath, { authorization: 'Bearer ' })],
  ])('%s: 401', async (_, asking) => {
    const { status, body } = await asking()
    expect([status, body.reason, body.message]).toEqual([401, 'Unauthorized', "Unauthorized: neither a certificate of the API server's aggregator nor a valid bearer token came with the request"])
  })

  test('a token, which is reviewed once in ten seconds', async () => {
    reviewer.tokens.set('secret', { username: 'hpa', groups: [] })
    const withToken = () => direct(metricPath, { authorization: 'Bearer secret' })
    const reviews = () => reviewer.asked.filter(({ kind }) => kind === 'TokenReview').length
    expect([(await withToken()).status, (await withToken()).status, reviews()]).toEqual([200, 200, 1])
    reviewer.tokens.clear()
    clock.advance(10_000)
    expect([(await withToken()).status, reviews()]).toEqual([401, 2])
  })

  test('a right holds for ten seconds, a refusal for five', async () => {
    expect((await ask(metricPath)).status).toBe(200)
    const rights = reviewer.rights.get('hpa') ?? []
    reviewer.rights.delete('hpa')
    clock.advance(9_999)
    expect((await ask(metricPath)).status).toBe(200)
    clock.advance(1)
    expect((await ask(metricPath)).status).toBe(403)
    reviewer.rights.set('hpa', rights)
    clock.advance(4_999)
    expect((await ask(metricPath)).status).toBe(403)
    clock.advance(1)
    expect((await ask(metricPath)).status).toBe(200)
  })

  test('when the API server does not answer the review: 503, and not what was asked for', async () => {
    reviewer.isDown = true
    const { status, body } = await ask(metricPath)
    expect([status, body.message]).toEqual([503, 'the operator could not check who asks: the API server does not answer'])
  })

  test.each(['/healthz', '/readyz', '/livez'])('%s is for everybody', async (path) => {
    expect(await direct(path, {})).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: { text: 'ok' } })
  })
})

describe('what is told', () => {
  test('thousandths, rounded down', async () => {
    lags = { hvac: known(1.5007) }
    expect(listOf((await ask(metricPath)).body.items)[0]?.value).toBe('1500m')
  })

  test('records', async () => {
    expect(listOf((await ask('/apis/external.metrics.k8s.io/v1beta1/namespaces/factory/tidewatch_lag_records?labelSelector=pipeline=hvac')).body.items)[0]).toMatchObject({ metricName: 'tidewatch_lag_records', value: '4500' })
  })

  test('all pipelines of the namespace without a selector, none where none is meant', async () => {
    lags = { hvac: known(45), boiler: known(3) }
    expect(listOf((await ask(metricPath)).body.items).map((one) => one.metricLabels?.pipeline)).toEqual(['hvac', 'boiler'])
    expect((await ask(`${metricPath}?labelSelector=pipeline=other`)).body.items).toEqual([])
  })

  test.each([
    ['what cannot be read', { kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', why: 'No Kafka broker answered', sinceMs: 0 } as const, 'the lag of pipeline factory/hvac is not known: No Kafka broker answered'],
    ['what has no rate yet', known(undefined), 'the lag of pipeline factory/hvac cannot be told in seconds: records wait and nothing was worked off yet'],
  ])('%s is 503 with the reason, never a number', async (_, answer, message) => {
    lags = { hvac: answer }
    const { status, body } = await ask(`${metricPath}?labelSelector=pipeline=hvac`)
    expect([status, body.reason, body.message]).toEqual([503, 'ServiceUnavailable', message])
  })

  test.each([
    ['/apis/external.metrics.k8s.io/v1beta1/namespaces/factory/other', 404, 'there is no metric other: tidewatch_drain_seconds and tidewatch_lag_records are served'],
    [`${metricPath}?labelSelector=a%20b`, 400, '"a b" is not a label selector: write, for example, pipeline=hvac'],
    ['/nothing', 404, 'nothing is served at /nothing'],
  ])('%s: %i', async (path, status, message) => {
    const answer = await ask(path)
    expect([answer.status, answer.body.message]).toEqual([status, message])
  })

  test('nothing can be written', async () => {
    expect((await ask('/apis', { method: 'POST' })).body).toMatchObject({ code: 405 })
    expect((await ask(metricPath, { method: 'DELETE' })).body).toMatchObject({ code: 405, message: 'metrics can only be read' })
  })
})

describe('discovery', () => {
  test.each([
    ['/apis', 'APIGroupList'],
    ['/apis/external.metrics.k8s.io', 'APIGroup'],
    ['/apis/external.metrics.k8s.io/v1beta1', 'APIResourceList'],
  ])('%s is an %s', async (path, kind) => {
    expect((await ask(path)).body).toMatchObject({ kind, apiVersion: 'v1' })
  })

  test('both metrics, in namespaces', async () => {
    const { body } = await ask('/apis/external.metrics.k8s.io/v1beta1/')
    expect(body.resources).toEqual(
      ['tidewatch_drain_seconds', 'tidewatch_lag_records'].map((name) => ({ name, singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get', 'list'] })),
    )
  })

  test('all at once where the caller takes it', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const { body, type } = await ask('/apis', { headers: { ...hpa, accept } })
    expect([body.kind, type]).toEqual(['APIGroupDiscoveryList', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'])
  })

  test('OpenAPI: the index leads to the document', async () => {
    expect((await ask('/openapi/v2')).body).toMatchObject({ swagger: '2.0' })
    const { paths } = (await ask('/openapi/v3')).body
    expect(paths).toEqual({ 'apis/external.metrics.k8s.io/v1beta1': { serverRelativeURL: '/openapi/v3/apis/external.metrics.k8s.io/v1beta1' } })
    expect((await ask('/openapi/v3/apis/external.metrics.k8s.io/v1beta1')).body).toMatchObject({ openapi: '3.0.0' })
  })
})

describe('renewal without a restart', () => {
  test('a new certificate is shown at the next connection', async () => {
    const next = await issueAll({ names: [serverName], nowMs: Date.now() })
    api.renew({ certificates: next, requestHeader })
    await expect(ask('/healthz')).rejects.toThrow('unable to verify the first certificate')
    expect((await ask('/healthz', { ca: next.caBundle })).status).toBe(200)
  })

  test('a new authority of the aggregator is believed, and the old one no more', async () => {
    api.renew({ certificates, requestHeader: { ...requestHeader!, clientCa: stranger.certificate } })
    expect((await ask(metricPath)).status).toBe(401)
    expect((await ask(metricPath, { client: await stranger.issue('front-proxy-client') })).status).toBe(200)
  })

  test('without an authority nobody is believed', async () => {
    api.renew({ certificates, requestHeader: undefined })
    expect((await ask(metricPath)).status).toBe(401)
  })
})
