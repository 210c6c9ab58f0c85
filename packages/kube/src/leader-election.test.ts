import { createLogger, FakeClock, mulberry32, nextTurn } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { KubeUnreachable } from './errors.ts'
import type { Kube } from './kube.ts'
import { runAsLeader, type LeaderElectionOptions } from './leader-election.ts'
import { isLeaseFree, observeLease, planLease, specOf } from './lease.ts'
import { formatMicroTime } from './micro-time.ts'
import type { KubeObject } from './object.ts'
import { resources } from './resource.ts'
import { anObject } from './testing/an-object.ts'
import { FakeKube } from './testing/fake-kube.ts'

const name = { namespace: 'tidewatch', name: 'tidewatch-operator' }
const log = createLogger({ name: 'test', level: 'silent' })
const startMs = Date.parse('2026-01-02T03:04:05.678Z')

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await nextTurn()
}

/** Lets time pass in small steps, so that everybody acts when it is due. */
async function pass(clock: FakeClock, ms: number, stepMs = 500): Promise<void> {
  await settle()
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(Math.min(stepMs, ms - passed))
    await settle()
  }
}

/** A candidate whose work ends when it is told to. */
function stand(kube: Kube, clock: FakeClock, identity: string, options: Partial<LeaderElectionOptions> = {}) {
  const stop = new AbortController()
  const state = { isLeading: false, lost: undefined as string | undefined, rejected: undefined as string | undefined }
  const election = runAsLeader({
    kube,
    lease: name,
    identity,
    clock,
    log,
    random: () => 0,
    signal: stop.signal,
    onLost: (error) => (state.lost = error.message),
    onLeading: async (leading) => {
      state.isLeading = true
      await new Promise<void>((resolve) => (leading.aborted ? resolve() : leading.addEventListener('abort', () => resolve())))
      state.isLeading = false
    },
    ...options,
  })
  const done = election.done.catch((error: Error) => void (state.rejected = error.message))
  return { stop, state, done, isFresh: () => election.isFresh(clock.now()) }
}

const aLease = (holderIdentity: string, renewTime: string): KubeObject => anObject(name.name, { spec: { holderIdentity, leaseDurationSeconds: 15, acquireTime: renewTime, renewTime, leaseTransitions: 3 } }, resources.leases, name.namespace)

test('times have six digits, without which the API server refuses them', () => {
  expect(formatMicroTime(startMs)).toBe('2026-01-02T03:04:05.678000Z')
})

test('the first one makes the Lease and leads', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const only = stand(kube, clock, 'a')
  await settle()
  expect([only.state.isLeading, only.isFresh()]).toEqual([true, true])
  expect((await kube.read(resources.leases, name))?.spec).toEqual({ holderIdentity: 'a', leaseDurationSeconds: 15, acquireTime: '2026-01-02T03:04:05.678000Z', renewTime: '2026-01-02T03:04:05.678000Z', leaseTransitions: 0 })
  only.stop.abort()
  await only.done
})

test.each([
  ['in the past of its clock', '2020-01-01T00:00:00.000000Z'],
  ['in the future of its clock', '2030-01-01T00:00:00.000000Z'],
])('a dead leader is followed after 15 s of our own time, whatever it wrote: %s', async (_, renewTime) => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  await kube.create(resources.leases, aLease('dead', renewTime))
  const next = stand(kube, clock, 'a')
  await pass(clock, 15_000)
  expect(next.state.isLeading).toBe(false)
  await pass(clock, 2_000)
  expect(next.state.isLeading).toBe(true)
  expect(specOf(await kube.read(resources.leases, name))).toMatchObject({ holderIdentity: 'a', leaseTransitions: 4 })
  next.stop.abort()
  await next.done
})

test('release hands over at once', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const first = stand(kube, clock, 'a')
  await settle()
  const second = stand(kube, clock, 'b')
  await pass(clock, 10_000)
  expect([first.state.isLeading, second.state.isLeading]).toEqual([true, false])
  first.stop.abort()
  await first.done
  expect([first.isFresh(), specOf(await kube.read(resources.leases, name)).holderIdentity]).toEqual([false, ''])
  await pass(clock, 2_000)
  expect([first.state.isLeading, second.state.isLeading, first.state.lost]).toEqual([false, true, undefined])
  second.stop.abort()
  await second.done
})

test('the Lease is renewed while the work comes to its end, and let go only then', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const end = Promise.withResolvers<undefined>()
  const first = stand(kube, clock, 'a', { onLeading: () => end.promise })
  await settle()
  const second = stand(kube, clock, 'b')
  first.stop.abort()
  await pass(clock, 30_000)
  expect([first.isFresh(), second.state.isLeading]).toEqual([true, false])
  end.resolve(undefined)
  await first.done
  await pass(clock, 2_000)
  expect(second.state.isLeading).toBe(true)
  second.stop.abort()
  await second.done
})

test('a leader that was paused is not fresh when it wakes, writes nothing, and is told that it has lost', async () => {
  const kube = new FakeKube()
  const [clock, zombieClock] = [new FakeClock(startMs), new FakeClock(startMs)]
  const zombie = stand(kube, zombieClock, 'zombie')
  await settle()
  const next = stand(kube, clock, 'b')
  await pass(clock, 20_000)
  // SIGSTOP: to the zombie no time has passed, and it still believes.
  expect([zombie.state.isLeading, next.state.isLeading]).toEqual([true, true])
  const writes = kube.writes.length
  zombieClock.advance(20_000)
  expect(zombie.isFresh()).toBe(false)
  await zombie.done
  expect(kube.writes.length).toBe(writes)
  expect(zombie.state).toEqual({ isLeading: false, lost: 'Lost the Lease tidewatch/tidewatch-operator: it could not be renewed within 10 s. End this process; another replica goes on', rejected: zombie.state.lost })
  next.stop.abort()
  await next.done
})

test('an API server that fails for less than 10 s costs nothing, for longer the lead', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const leader = stand(kube, clock, 'a')
  await settle()
  for (let failure = 0; failure < 3; failure++) kube.failNext(new KubeUnreachable('the API server is away'), 'update leases')
  await pass(clock, 7_500)
  expect([leader.state.isLeading, leader.isFresh()]).toEqual([true, true])
  await pass(clock, 3_000)
  expect(leader.isFresh()).toBe(true)
  for (let failure = 0; failure < 40; failure++) kube.failNext(new KubeUnreachable('the API server is away'), 'leases')
  await pass(clock, 13_000)
  await leader.done
  expect(leader.state).toMatchObject({ isLeading: false, lost: expect.stringContaining('it could not be renewed within 10 s') })
})

test('a renewal that nobody answers does not outlive the deadline', async () => {
  const [fake, clock] = [new FakeKube(), new FakeClock(startMs)]
  let isAnswering = true
  const kube = new Proxy<Kube>(fake, {
    get: (target, method) => (isAnswering || method !== 'update' ? (Reflect.get(target, method) as () => unknown).bind(target) : () => new Promise(() => undefined)),
  })
  const leader = stand(kube, clock, 'a')
  await settle()
  isAnswering = false
  await pass(clock, 9_500)
  expect(leader.state.isLeading).toBe(true)
  await pass(clock, 500)
  expect([leader.state.isLeading, leader.state.lost?.includes('within 10 s')]).toEqual([false, true])
})

test('a Lease that another one has taken is lost at once', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const leader = stand(kube, clock, 'a')
  await settle()
  kube.put(resources.leases, aLease('thief', '2026-01-02T03:04:06.000000Z'))
  await pass(clock, 2_000)
  await leader.done
  expect(leader.state.lost).toBe('Lost the Lease tidewatch/tidewatch-operator: another replica has taken it. End this process; another replica goes on')
  expect(specOf(await kube.read(resources.leases, name)).holderIdentity).toBe('thief')
})

test.each(['annotated', 'deleted'])('a Lease that somebody has %s stays with its leader', async (what) => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const leader = stand(kube, clock, 'a')
  await settle()
  const lease = await kube.read(resources.leases, name)
  if (what === 'deleted') await kube.delete(resources.leases, name)
  else kube.put(resources.leases, { ...lease!, metadata: { ...lease!.metadata, annotations: { seen: 'yes' } } })
  await pass(clock, 12_000)
  expect([leader.state.isLeading, leader.isFresh(), specOf(await kube.read(resources.leases, name)).holderIdentity]).toEqual([true, true, 'a'])
  leader.stop.abort()
  await leader.done
})

test('work that fails ends the election with its error and lets go of the Lease', async () => {
  const [kube, clock] = [new FakeKube(), new FakeClock(startMs)]
  const leader = stand(kube, clock, 'a', { onLeading: () => Promise.reject(new Error('the work broke')) })
  await leader.done
  expect([leader.state.rejected, leader.state.lost, specOf(await kube.read(resources.leases, name)).holderIdentity]).toEqual(['the work broke', undefined, ''])
})

test('never two fresh leaders: five candidates, an API server that fails every third request, an hour', async () => {
  const [fake, clock, chance] = [new FakeKube(), new FakeClock(startMs), mulberry32(7)]
  const kube = new Proxy<Kube>(fake, {
    get: (target, method) => (...args: unknown[]) => {
      if (chance() < 0.34) return Promise.reject(new KubeUnreachable('the API server is away'))
      return (Reflect.get(target, method) as (...all: unknown[]) => unknown).apply(target, args)
    },
  })
  let count = 0
  const open = () => stand(kube, clock, `candidate-${count++}`, { random: chance })
  const candidates = Array.from({ length: 5 }, open)
  let led = 0
  for (let step = 0; step < 3_600; step++) {
    clock.advance(1_000)
    await settle()
    const fresh = candidates.filter(({ state, isFresh }) => state.isLeading && isFresh())
    expect(fresh.length).toBeLessThan(2)
    led += fresh.length
    // A leader ends now and then, in order or by its loss; a new replica takes its place.
    for (const [index, { state, stop }] of candidates.entries()) {
      if (state.isLeading && chance() < 0.005) stop.abort()
      if (state.lost !== undefined || stop.signal.aborted) candidates[index] = open()
    }
  }
  expect(led).toBeGreaterThan(2_000)
  for (const { stop } of candidates) stop.abort()
  for (let turn = 0; turn < 20; turn++) await pass(clock, 2_000)
})

test.each([
  ['no Lease', undefined, 0, true],
  ['a released one', aLease('', '2026-01-01T00:00:00.000000Z'), 0, true],
  ['our own', aLease('us', '2026-01-01T00:00:00.000000Z'), 0, true],
  ['of another, just seen', aLease('other', '2026-01-01T00:00:00.000000Z'), 0, false],
  ['of another, unchanged for its duration', aLease('other', '2026-01-01T00:00:00.000000Z'), 15_000, false],
  ['of another, unchanged for longer', aLease('other', '2026-01-01T00:00:00.000000Z'), 15_001, true],
])('is it free: %s', (_, lease, laterMs, expected) => {
  expect(isLeaseFree(lease, observeLease(undefined, lease, startMs), 'us', startMs + laterMs)).toBe(expected)
})

test('an observation begins anew with each new version', () => {
  const at = (resourceVersion: string) => ({ ...aLease('other', ''), metadata: { ...name, resourceVersion } })
  const first = observeLease(undefined, at('1'), 100)
  expect([first, observeLease(first, at('1'), 200), observeLease(first, at('2'), 200)]).toEqual([
    { resourceVersion: '1', atMs: 100 },
    { resourceVersion: '1', atMs: 100 },
    { resourceVersion: '2', atMs: 200 },
  ])
})

test('a renewal keeps the time of the taking and the version that it was made from', () => {
  const lease = { ...aLease('us', '2026-01-01T00:00:00.000000Z'), metadata: { ...name, resourceVersion: '7' } }
  expect(planLease(lease, { name, identity: 'us', durationMs: 15_000, nowMs: startMs })).toEqual({
    ...lease,
    spec: { holderIdentity: 'us', leaseDurationSeconds: 15, acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-02T03:04:05.678000Z', leaseTransitions: 3 },
  })
})
