import { createLogger, FakeClock, nextTurn } from '@tidewatch/kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKube, type KubeClient } from './client.ts'
import { createInformer, type Informer, type InformerOptions } from './informer.ts'
import { loadKubeConfig } from './kube-config.ts'
import { resources } from './resource.ts'
import type { ObjectChange } from './store.ts'
import { answerHalfALine, answerStatus, FaultyServer, neverAnswer, type OpenWatch } from './testing/faulty-server.ts'

/**
 * The fault table of notes/house-style.md §8.6: the real client and a real connection against a server that fails. Issues are
 * those of @kubernetes/client-node and of pepr, notes/platform-facts.md §6.
 */
const log = createLogger({ name: 'test', level: 'silent' })

let server: FaultyServer
let kube: KubeClient
let clock: FakeClock
let informer: Informer
let changes: string[]
let stop: AbortController
let running: Promise<void>

const describe = ({ object, previous }: ObjectChange) => `${previous === undefined ? '' : `${previous.metadata.name}@${String(previous.data)}`} -> ${object === undefined ? '' : `${object.metadata.name}@${String(object.data)}`}`.trim()

beforeEach(async () => {
  server = await FaultyServer.start()
  kube = createKube({ kubeConfig: loadKubeConfig({ file: server.kubeconfig }), requestTimeoutMs: 500 })
  clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z'))
  stop = new AbortController()
  changes = []
  running = Promise.resolve()
})

afterEach(async () => {
  stop.abort()
  await running
  await kube.close()
  await server.close()
})

/** Chance is always 0: pauses are the shortest that there are, and a watch ends after 240 s. */
function begin(options: Partial<InformerOptions> = {}): void {
  informer = createInformer({ kube, resource: resources.configMaps, namespace: 'plant', clock, log, random: () => 0, ...options })
  informer.onChange((change) => changes.push(describe(change)))
  running = informer.run(stop.signal)
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 })
const untilWatching = async (): Promise<OpenWatch> => {
  await eventually(() => expect(server.watches.size).toBe(1))
  return [...server.watches][0]!
}
/** Lets pauses pass until it is so. */
const withTime = (check: () => void) =>
  eventually(() => {
    clock.advance(1_000)
    check()
  })
const lists = () => server.requests.filter((line) => !line.includes('watch=true')).length
const names = () => informer.store.list().map(({ metadata }) => metadata.name).sort()

test('410 on watch: the list is read anew at once (client-node #2385: the informer stops for good on errors)', async () => {
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  server.compact()
  server.put('b', { data: 1 })
  watch.reset()
  await withTime(() => expect(names()).toEqual(['a', 'b']))
  expect(changes).toEqual(['-> a@1', '-> b@1'])
  await eventually(() => expect(informer.problem).toBeUndefined())
})

test('an ERROR event of 410 in the middle of a watch: the list is read anew without a pause', async () => {
  begin()
  const watch = await untilWatching()
  server.put('a', { data: 1 })
  watch.write(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' } })}\n`)
  await eventually(() => expect(lists()).toBe(2))
  await untilWatching()
  expect(names()).toEqual(['a'])
  expect(informer.problem).toBeUndefined()
})

test('410 on page 2: everything is asked for once more, in one piece (KFC #979: pages lost while listing)', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(name, { data: 1 })
  server.failNext('continue=', answerStatus(410, { reason: 'Expired', message: 'The provided continue parameter is too old to display a consistent list result' }))
  begin({ pageSize: 2 })
  await untilWatching()
  expect(names()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(server.requests.slice(0, 3).map((line) => line.split('?')[1] ?? '')).toEqual(['limit=2', expect.stringContaining('limit=2&continue='), ''])
})

test('429 with Retry-After: nothing is asked before the time has come (KFC #979, client-node #1933: restarts flood the server)', async () => {
  server.put('a', { data: 1 })
  server.failNext('GET', answerStatus(429, { reason: 'TooManyRequests', message: 'too many requests, please try again later' }, { 'retry-after': '7' }))
  begin()
  await eventually(() => expect(informer.problem?.message).toBe('Failed to list configmaps of plant: too many requests, please try again later'))
  clock.advance(6_999)
  await nextTurn()
  expect(lists()).toBe(1)
  clock.advance(1)
  await untilWatching()
  expect(names()).toEqual(['a'])
  expect(informer.problem).toBeUndefined()
})

test('reset in mid line: half an event is no event, and the whole one is not lost', async () => {
  server.put('a', { data: 1 })
  server.failNext('watch=true', answerHalfALine('{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Confi'))
  begin()
  await eventually(() => expect(informer.problem?.code).toBe('KUBE_UNREACHABLE'))
  server.put('a', { data: 2 })
  await withTime(() => expect(changes).toEqual(['-> a@1', 'a@1 -> a@2']))
  await untilWatching()
})

test('an orderly end in mid line is a broken line too', async () => {
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.write('{"type":"DELETED","obj')
  watch.end()
  await eventually(() => expect(informer.problem?.message).toBe('Failed to watch configmaps of plant: the answer ended in the middle of a line, after "{"type":"DELETED","obj"'))
  await withTime(() => expect(informer.problem).toBeUndefined())
  expect(names()).toEqual(['a'])
})

test('half-open socket: a list that nobody answers is given up and asked for again (client-node #364, #559: silence without an error)', async () => {
  server.put('a', { data: 1 })
  server.failNext('GET', neverAnswer)
  begin()
  await eventually(() => expect(informer.problem?.message).toBe('Failed to list configmaps of plant: no answer within 0.5 s'))
  await withTime(() => expect(names()).toEqual(['a']))
})

test('silence past the deadline: a watch without a byte is cut 30 s after the server should have ended it (client-node #2127, pepr #745)', async () => {
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.silence()
  server.put('a', { data: 2 })
  clock.advance(269_999)
  await nextTurn()
  expect(server.watches.size).toBe(1)
  clock.advance(1)
  await eventually(() => expect(informer.problem?.message).toBe('Failed to watch configmaps: not a byte within 270 s, so the connection is dead'))
  await withTime(() => expect(changes).toEqual(['-> a@1', 'a@1 -> a@2']))
})

test('a bookmark is a sign of life: a quiet watch that sends them is not cut (client-node #3020: healthy watches killed)', async () => {
  begin()
  const watch = await untilWatching()
  for (let step = 0; step < 4; step++) {
    clock.advance(200_000)
    watch.write(`${JSON.stringify({ type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { resourceVersion: '1' } } })}\n`)
    // The server answers a request only after it has sent what came before.
    server.put(`probe-${step}`, { data: 1 })
    await eventually(() => expect(names()).toContain(`probe-${step}`))
  }
  expect([server.watches.has(watch), lists()]).toEqual([true, 1])
})

test('delete missed in the gap: the next list tells it (client-node #2385)', async () => {
  server.put('a', { data: 1 })
  server.put('b', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.silence()
  server.remove('a')
  server.compact()
  watch.reset()
  await withTime(() => expect(names()).toEqual(['b']))
  expect(changes).toEqual(['-> a@1', '-> b@1', 'a@1 ->'])
})

test('deleted and made again in the gap: both are told, in their order', async () => {
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.silence()
  server.remove('a')
  server.put('a', { data: 2 })
  watch.reset()
  await withTime(() => expect(changes).toEqual(['-> a@1', 'a@1 ->', '-> a@2']))
})

test('duplicate ADDED: what is known is told once (KFC: events replayed after a reconnect)', async () => {
  const object = server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
  server.put('b', { data: 1 })
  await eventually(() => expect(changes).toEqual(['-> a@1', '-> b@1']))
})

test('an event older than what is known changes nothing', async () => {
  const old = server.put('a', { data: 1 })
  server.put('a', { data: 2 })
  begin()
  const watch = await untilWatching()
  watch.write(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`)
  server.put('b', { data: 1 })
  await eventually(() => expect(changes).toEqual(['-> a@2', '-> b@1']))
})

test('rotated token: the old one is refused, the new one is read, and nothing is lost', async () => {
  server.token = 'first'
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  server.token = 'second'
  server.writeToken('second')
  server.put('a', { data: 2 })
  watch.silence()
  server.put('b', { data: 1 })
  watch.reset()
  await withTime(() => expect(names()).toEqual(['a', 'b']))
  expect(informer.problem).toBeUndefined()
})

test('10,000 objects come in pages of 500, and a change of one is one change', async () => {
  for (let number = 0; number < 10_000; number++) server.put(`object-${number}`, { data: 1, filler: 'x'.repeat(100) })
  begin()
  await eventually(() => expect(informer.store.size).toBe(10_000))
  expect(lists()).toBe(20)
  const told = changes.length
  await untilWatching()
  server.put('object-77', { data: 2 })
  await eventually(() => expect(changes.slice(told)).toEqual(['object-77@1 -> object-77@2']))
})

test('a character cut in two by a chunk arrives whole', async () => {
  begin()
  const watch = await untilWatching()
  const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'plant', uid: 'u', resourceVersion: '50' }, data: 'Wärme°' } })}\n`)
  const cut = line.indexOf(Buffer.from('ä')) + 1
  watch.write(line.subarray(0, cut) as unknown as string)
  await new Promise((resolve) => setTimeout(resolve, 20))
  watch.write(line.subarray(cut) as unknown as string)
  await eventually(() => expect(changes).toEqual(['-> a@Wärme°']))
})

test('an orderly end goes on from the last version, without a list', async () => {
  server.put('a', { data: 1 })
  begin()
  const first = await untilWatching()
  server.put('b', { data: 1 })
  await eventually(() => expect(names()).toEqual(['a', 'b']))
  first.end()
  await eventually(() => expect(server.requests.filter((line) => line.includes('watch=true')).map((line) => /resourceVersion=(\d+)/.exec(line)?.[1])).toEqual(['2', '3']))
  expect(lists()).toBe(1)
})

test('the whole list is read anew after 10 minutes, and what the watch did not tell is mended', async () => {
  server.put('a', { data: 1 })
  begin()
  const watch = await untilWatching()
  watch.silence()
  server.remove('a')
  // The server keeps the watch alive and forgets one event: a fault that no error tells of.
  for (let minute = 0; minute < 10; minute++) {
    clock.advance(60_000)
    watch.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(2 + minute) } } })}\n`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  watch.end()
  await eventually(() => expect(names()).toEqual([]))
  expect(changes).toEqual(['-> a@1', 'a@1 ->'])
})

test('a kind that is not served is a problem, asked for again until it is', async () => {
  const problems: (string | undefined)[] = []
  begin({ resource: resources.kafkaTopics, onProblem: (problem) => problems.push(problem?.message) })
  await eventually(() => expect(informer.problem?.code).toBe('KUBE_NOT_FOUND'))
  expect(informer.hasSynced()).toBe(false)
  server.failNext('kafkatopics', (_, response) => void response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] })))
  await withTime(() => expect(informer.hasSynced()).toBe(true))
  expect(problems.slice(0, 2)).toEqual(['Failed to list kafkatopics of plant: the server could not find the requested resource', undefined])
})

test('a listener that throws hurts neither the others nor the watch', async () => {
  server.put('a', { data: 1 })
  informer = createInformer({ kube, resource: resources.configMaps, namespace: 'plant', clock, log, random: () => 0 })
  informer.onChange(() => {
    throw new Error('a listener broke')
  })
  informer.onChange((change) => changes.push(describe(change)))
  running = informer.run(stop.signal)
  await untilWatching()
  server.put('b', { data: 1 })
  await eventually(() => expect(changes).toEqual(['-> a@1', '-> b@1']))
})

test('watches that the server ends at once do not become a hot loop', async () => {
  for (let round = 0; round < 3; round++) server.failNext('watch=true', (_, response) => void response.writeHead(200).end())
  begin()
  await eventually(() => expect(informer.problem?.message).toBe('Failed to watch configmaps: the server ended the watch at once. Look whether a proxy in between cuts long answers'))
  expect(server.requests.filter((line) => line.includes('watch=true')).length).toBe(1)
  await withTime(() => expect(server.watches.size).toBe(1))
  await eventually(() => expect(informer.problem).toBeUndefined())
})

test('an abort ends it without an error, also while the server cannot be reached', async () => {
  server.failNext('GET', neverAnswer)
  begin()
  const synced = informer.untilSynced(stop.signal)
  await eventually(() => expect(server.requests.length).toBe(1))
  stop.abort()
  await Promise.all([running, synced])
  expect(informer.hasSynced()).toBe(false)
})
