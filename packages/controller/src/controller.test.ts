import { createLogger, defineError, FakeClock, nextTurn, parseMetrics, Registry } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { createController, type ControllerOptions, type Reconcile } from './controller.ts'

const settle = async () => {
  for (let i = 0; i < 10; i++) await nextTurn()
}

function start(reconcile: Reconcile, more: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock()
  const registry = new Registry()
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  const controller = createController({ name: 'thing', reconcile, clock, log: createLogger({ name: 'test', destination }), registry, random: () => 0.5, ...more })
  const stop = new AbortController()
  const ended = controller.run(stop.signal)
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settle()
  }
  const metrics = async () => Object.fromEntries(parseMetrics(await registry.metrics()).filter(({ name }) => !name.endsWith('_bucket') && !name.endsWith('_sum')).map(({ name, labels, value }) => [`${name} ${Object.values(labels).join(' ')}`, value]))
  return { controller, clock, lines, advance, metrics, stop: async () => { stop.abort(); await ended } }
}

test('a key is reconciled once for many events, with a logger of its own', async () => {
  const runs: string[] = []
  const run = start(async (key, { log }) => {
    runs.push(key)
    log.info('Looked at thing')
    return {}
  })
  for (let i = 0; i < 5; i++) run.controller.enqueue('ns/a')
  await settle()
  expect(runs).toEqual(['ns/a'])
  expect(run.controller.isIdle()).toBe(true)
  expect(run.lines).toMatchObject([{ msg: 'Looked at thing', controller: 'thing', key: 'ns/a', reconcileID: '80000000' }])
  await run.stop()
})

test('one key is never with two workers, and different keys are', async () => {
  const running = new Set<string>()
  let most = 0
  const releases: (() => void)[] = []
  const run = start(async (key) => {
    expect(running.has(key)).toBe(false)
    running.add(key)
    most = Math.max(most, running.size)
    await new Promise<void>((resolve) => releases.push(resolve))
    running.delete(key)
    return {}
  }, { workers: 2 })
  for (const key of ['a', 'b', 'c', 'a']) run.controller.enqueue(key)
  await settle()
  run.controller.enqueue('a')
  while (!run.controller.isIdle()) {
    releases.shift()?.()
    await settle()
  }
  expect(most).toBe(2)
  await run.stop()
})

test('a failure is tried again after growing pauses, and a success forgets it', async () => {
  const atMs: number[] = []
  const run = start(async () => {
    atMs.push(run.clock.now())
    if (atMs.length < 4) throw new Error('not yet')
    return {}
  })
  run.controller.enqueue('a')
  await settle()
  for (let i = 0; i < 60; i++) await run.advance(500)
  // Half of 5, 10 and 20 s: the chance of this test is always 0.5.
  expect(atMs).toEqual([0, 2_500, 7_500, 17_500])
  expect(run.lines.map(({ msg, retryInMs }) => ({ msg, retryInMs }))).toEqual([2_500, 5_000, 10_000].map((retryInMs) => ({ msg: 'Reconcile failed; trying again after a pause', retryInMs })))
  expect(await run.metrics()).toMatchObject({
    'controller_runtime_reconcile_total thing error': 3,
    'controller_runtime_reconcile_total thing success': 1,
    'controller_runtime_reconcile_errors_total thing': 3,
    'controller_runtime_reconcile_time_seconds_count thing': 4,
    'controller_runtime_active_workers thing': 0,
    'workqueue_depth thing': 0,
    'workqueue_adds_total thing': 4,
    'workqueue_retries_total thing': 3,
    'workqueue_queue_duration_seconds_count thing': 4,
    'workqueue_work_duration_seconds_count thing': 4,
  })
  await run.stop()
})

test('an error that says never is not tried again before the object changes', async () => {
  const Invalid = defineError('THING_INVALID', { retry: 'never' })
  let runs = 0
  const run = start(async () => {
    runs++
    throw new Invalid('thing a: no such model; name another one')
  })
  run.controller.enqueue('a')
  await run.advance(3_600_000)
  expect(runs).toBe(1)
  expect(run.lines).toMatchObject([{ msg: 'Reconcile failed; trying again when the object changes', err: { message: 'thing a: no such model; name another one' } }])
  run.controller.enqueue('a')
  await settle()
  expect(runs).toBe(2)
  await run.stop()
})

test('an error that names a pause is tried again after that pause', async () => {
  const Busy = defineError('THING_BUSY', { retry: { afterMs: 700 } })
  let runs = 0
  const run = start(async () => {
    runs++
    if (runs === 1) throw new Busy('the server asks for patience')
    return {}
  })
  run.controller.enqueue('a')
  await run.advance(0)
  await run.advance(699)
  expect(runs).toBe(1)
  await run.advance(1)
  expect(runs).toBe(2)
  await run.stop()
})

test('a reconcile says itself when to look again', async () => {
  const atMs: number[] = []
  const run = start(async () => {
    atMs.push(run.clock.now())
    return { requeueAfterMs: 1000 }
  })
  run.controller.enqueueAfter('a', 300)
  await settle()
  for (let i = 0; i < 25; i++) await run.advance(100)
  expect(atMs).toEqual([300, 1300, 2300])
  await run.stop()
})

test('every key is looked at again at each resync', async () => {
  const runs: string[] = []
  const run = start(async (key) => {
    runs.push(key)
    return {}
  }, { resyncEveryMs: 60_000, listKeys: () => ['a', 'b'] })
  await settle()
  await run.advance(60_000)
  await run.advance(60_000)
  expect(runs).toEqual(['a', 'b', 'a', 'b'])
  await run.stop()
})

test('a stop waits for what is in flight, tells it, and counts no failure', async () => {
  let ended = false
  const run = start(async (_key, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await settle()
    ended = true
    throw new Error('cut short')
  })
  run.controller.enqueue('a')
  await settle()
  expect(run.controller.isIdle()).toBe(false)
  await run.stop()
  expect(ended).toBe(true)
  expect(run.lines.map(({ msg, level }) => ({ msg, level }))).toEqual([{ msg: 'Left reconcile unfinished at stop', level: 'info' }])
  expect(await run.metrics()).not.toHaveProperty('controller_runtime_reconcile_errors_total thing')
})

test('two controllers share one registry', async () => {
  const registry = new Registry()
  const first = start(async () => ({}), { registry, name: 'one' })
  const second = start(async () => ({}), { registry, name: 'two' })
  first.controller.enqueue('a')
  second.controller.enqueue('a')
  await settle()
  const counted = parseMetrics(await registry.metrics()).filter(({ name }) => name === 'workqueue_adds_total')
  expect(counted.map(({ labels }) => labels.name)).toEqual(['one', 'two'])
  await first.stop()
  await second.stop()
})
