import { readFileSync, writeFileSync } from 'node:fs'
import { createLogger, Registry } from '@tidewatch/kit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKube, type KubeClient } from './client.ts'
import { loadKubeConfig } from './kube-config.ts'
import { listAll } from './list-pager.ts'
import { resources } from './resource.ts'
import { anObject } from './testing/an-object.ts'
import { answerStatus, FaultyServer, neverAnswer } from './testing/faulty-server.ts'

const name = { namespace: 'plant', name: 'a' }
const log = createLogger({ name: 'test', level: 'silent' })

let server: FaultyServer
let registry: Registry
let kube: KubeClient

beforeEach(async () => {
  server = await FaultyServer.start()
  registry = new Registry()
  kube = createKube({ kubeConfig: loadKubeConfig({ file: server.kubeconfig }), log, registry, requestTimeoutMs: 200 })
})
afterEach(async () => {
  await kube.close()
  await server.close()
})

const countedRequests = async () => {
  const metric = await registry.getSingleMetric('rest_client_requests_total')?.get()
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [`${labels.method} ${labels.code}`, value]))
}

test('a token refused once is read anew, and the request goes through', async () => {
  server.token = 'second'
  server.put('a')
  const listing = kube.list(resources.configMaps)
  server.writeToken('second')
  expect((await listing).items.map(({ metadata }) => metadata.name)).toEqual(['a'])
})

test('a token refused twice is an error', async () => {
  server.token = 'nobody has it'
  await expect(kube.list(resources.configMaps)).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED', message: 'Failed to list configmaps: Unauthorized' })
  expect(await countedRequests()).toEqual({ 'GET 401': 2 })
})

test('a request that nobody answers ends at its time limit', async () => {
  server.failNext('GET', neverAnswer)
  await expect(kube.read(resources.configMaps, name)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to read ConfigMap plant/a: no answer within 0.2 s' })
})

test('an answer that stops in the middle ends at its time limit', async () => {
  server.failNext('GET', (_, response) => void response.writeHead(200).write('{"items":['))
  await expect(kube.list(resources.configMaps)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to list configmaps: no answer within 0.2 s' })
})

test('a server that is not there is told by its address', async () => {
  // Nobody listens on port 1.
  const file = server.kubeconfig
  writeFileSync(file, readFileSync(file, 'utf8').replace(server.url, 'http://127.0.0.1:1'))
  const gone = createKube({ kubeConfig: loadKubeConfig({ file }), registry })
  await expect(gone.list(resources.pods)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to list pods: connect ECONNREFUSED 127.0.0.1:1' })
  expect(await countedRequests()).toEqual({ 'GET <error>': 1 })
  await gone.close()
})

test('an answer that is no JSON is not the API server\'s', async () => {
  server.failNext('GET', (_, response) => void response.end('<html>Sign in</html>'))
  await expect(kube.list(resources.configMaps)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to list configmaps: the answer is no JSON, so it is not the API server\'s: "<html>Sign in</html>"' })
})

test('what is refused says why, in the server\'s own words', async () => {
  server.failNext('PATCH', answerStatus(403, { reason: 'Forbidden', message: 'configmaps "a" is forbidden: exceeded quota: objects' }))
  await expect(kube.apply(resources.configMaps, anObject('a', {}, resources.configMaps, 'plant'), { fieldManager: 'test' })).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN', message: 'Failed to apply ConfigMap plant/a: configmaps "a" is forbidden: exceeded quota: objects' })
})

test('a busy server says how long to wait', async () => {
  server.failNext('DELETE', answerStatus(503, { reason: 'ServiceUnavailable', message: 'shutting down' }, { 'retry-after': '5' }))
  await expect(kube.delete(resources.configMaps, name)).rejects.toMatchObject({ code: 'KUBE_SERVER_BUSY', retry: { afterMs: 5_000 } })
})

test('a list ends with its signal', async () => {
  server.failNext('GET', neverAnswer)
  const stop = new AbortController()
  const listing = kube.list(resources.configMaps, { signal: stop.signal })
  stop.abort()
  await expect(listing).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' })
})

test('whoever leaves a watch early lets go of its connection', async () => {
  server.put('a')
  for await (const event of kube.watch(resources.configMaps, { resourceVersion: '1', timeoutSeconds: 60, signal: new AbortController().signal })) {
    expect(event.type).toBe('ADDED')
    break
  }
  await expect.poll(() => server.watches.size).toBe(0)
})

test.each([
  ['ERROR', { code: 500, message: 'etcdserver: no leader' }, 'KUBE_UNREACHABLE', 'Failed to watch configmaps: etcdserver: no leader'],
  ['RENAMED', { metadata: { name: 'a' } }, 'KUBE_UNREACHABLE', 'Failed to watch configmaps: an event of the unknown type "RENAMED"'],
  ['ADDED', {}, 'KUBE_UNREACHABLE', 'Failed to watch configmaps: an event of type "ADDED" without an object'],
])('an event %s %j ends the watch with an error', async (type, object, code, message) => {
  server.failNext('watch', (_, response) => void response.end(`${JSON.stringify({ type, object })}\n`))
  const watching = async () => {
    for await (const _ of kube.watch(resources.configMaps, { resourceVersion: '1', timeoutSeconds: 60, signal: new AbortController().signal }));
  }
  await expect(watching()).rejects.toMatchObject({ code, message })
})

test('all pages of a list, at one version', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(name)
  const { items, resourceVersion } = await listAll(kube, resources.configMaps, { pageSize: 2 })
  expect([items.map(({ metadata }) => metadata.name), resourceVersion, server.requests.length]).toEqual([['a', 'b', 'c', 'd', 'e'], '6', 3])
})

test('requests are counted by method and status', async () => {
  await kube.list(resources.configMaps)
  await kube.list(resources.pods).catch(() => undefined)
  expect(await countedRequests()).toEqual({ 'GET 200': 1, 'GET 404': 1 })
})
