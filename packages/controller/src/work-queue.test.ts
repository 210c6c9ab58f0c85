import { FakeClock, nextTurn } from '@tidewatch/kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WorkQueue } from './work-queue.ts'

const never = new AbortController().signal

test('a key that is queued is not queued twice', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() })
  queue.add('a')
  queue.add('a')
  queue.add('b')
  expect(queue.depth).toBe(2)
  expect([await queue.take(never), await queue.take(never)]).toEqual(['a', 'b'])
})

test('a key that is added while in flight comes once more after it is done', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() })
  queue.add('a')
  await queue.take(never)
  queue.add('a')
  queue.add('a')
  expect({ depth: queue.depth, inFlight: queue.inFlight }).toEqual({ depth: 0, inFlight: 1 })
  queue.done('a')
  expect({ depth: queue.depth, inFlight: queue.inFlight }).toEqual({ depth: 1, inFlight: 0 })
  expect(await queue.take(never)).toBe('a')
  queue.done('a')
  expect(queue.isIdle).toBe(true)
})

test('a taker waits for a key, and one that has left does not swallow it', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() })
  const leaving = new AbortController()
  const gone = queue.take(leaving.signal)
  const waiting = queue.take(never)
  leaving.abort()
  queue.add('a')
  expect([await gone, await waiting]).toEqual([undefined, 'a'])
})

test('of several delays of a key the earliest counts', async () => {
  const clock = new FakeClock()
  const queue = new WorkQueue({ clock })
  queue.addAfter('a', 1000)
  queue.addAfter('a', 100)
  queue.addAfter('a', 5000)
  expect(queue.delayed).toBe(1)
  clock.advance(99)
  await nextTurn()
  expect(queue.depth).toBe(0)
  clock.advance(1)
  await nextTurn()
  expect({ depth: queue.depth, delayed: queue.delayed }).toEqual({ depth: 1, delayed: 0 })
})

test('what waits and how long is told', async () => {
  const clock = new FakeClock()
  const seen: unknown[] = []
  const queue = new WorkQueue({
    clock,
    observer: { onAdd: (depth) => seen.push({ depth }), onTake: (depth, waitedMs) => seen.push({ depth, waitedMs }), onDone: (workedMs) => seen.push({ workedMs }), onRetry: () => seen.push('retry') },
  })
  queue.add('a')
  clock.advance(20)
  await queue.take(never)
  clock.advance(30)
  queue.done('a')
  queue.addRateLimited('a')
  expect(seen).toEqual([{ depth: 1 }, { depth: 0, waitedMs: 20 }, { workedMs: 30 }, 'retry'])
  queue.close()
  expect(queue.delayed).toBe(0)
})

test('whatever the order of calls, no key is lost and none is in flight twice', async () => {
  const keys = ['a', 'b', 'c']
  const call = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.constantFrom(...keys) }),
    fc.record({ do: fc.constant('addAfter' as const), key: fc.constantFrom(...keys), ms: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), index: fc.nat(5) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (calls) => {
      const clock = new FakeClock()
      const queue = new WorkQueue({ clock })
      const inFlight: string[] = []
      /** Keys that were asked for after their last take: each must be taken again. */
      const owed = new Set<string>()
      const takeOne = async () => {
        const key = (await queue.take(never))!
        expect(inFlight).not.toContain(key)
        inFlight.push(key)
        owed.delete(key)
      }
      for (const one of calls) {
        if (one.do === 'add') {
          queue.add(one.key)
          owed.add(one.key)
        } else if (one.do === 'addAfter') {
          queue.addAfter(one.key, one.ms)
          owed.add(one.key)
        } else if (one.do === 'take' && queue.depth > 0) await takeOne()
        else if (one.do === 'done' && inFlight.length > 0) queue.done(inFlight.splice(one.index % inFlight.length, 1)[0]!)
        else if (one.do === 'advance') {
          clock.advance(one.ms)
          await nextTurn()
        }
        expect(queue.depth).toBeLessThanOrEqual(keys.length)
      }
      clock.advance(1000)
      await nextTurn()
      while (inFlight.length > 0 || queue.depth > 0) {
        if (queue.depth > 0) await takeOne()
        if (inFlight.length > 0) queue.done(inFlight.shift()!)
      }
      expect([...owed]).toEqual([])
      expect({ idle: queue.isIdle, delayed: queue.delayed }).toEqual({ idle: true, delayed: 0 })
    }),
    { numRuns: 300 },
  )
})
