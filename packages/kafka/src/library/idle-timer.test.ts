import { expect, test } from 'vitest'
import { installIdleTimer } from './idle-timer.ts'
import { isKnownVersion, requireInside } from './insides.ts'

interface Queue {
  pending: unknown[]
  inflight: Map<number, unknown>
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  timeoutCheckAtMs?: number | undefined
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  push(request: { entry: object; expectResponse: boolean; sendRequest(): void }): void
  fulfillRequest(response: { correlationId: number; payload: string; size: number }): void
  destroy(): void
}

installIdleTimer()

function aQueue(state: Partial<Queue> = {}, requestTimeout = 30_000): Queue {
  const Queue = requireInside<new (options: object) => Queue>('network/requestQueue')
  const logger = { debug: () => {}, warn: () => {} }
  const options = { maxInFlightRequests: null, requestTimeout, enforceRequestTimeout: true, clientId: 'c', broker: 'b', logger }
  return Object.assign(new Queue(options), state)
}

/** Sends a request; resolves with its answer. */
function ask(queue: Queue, correlationId: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const entry = { correlationId, apiName: 'Fetch', apiKey: 1, apiVersion: 11, resolve, reject }
  queue.push({ entry, expectResponse: true, sendRequest: () => {} })
  return promise
}

test('the installed kafkajs is the version whose insides are known', () => {
  expect(isKnownVersion).toBe(true)
})

test('an idle queue arms no timer', () => {
  const queue = aQueue()
  queue.scheduleCheckPendingRequests()
  queue.scheduleRequestTimeoutCheck()
  expect([queue.throttleCheckTimeoutId, queue.timeoutCheckAtMs]).toEqual([null, undefined])
})

test.each([
  ['requests wait', () => ({ pending: [{}] })],
  ['the broker has asked to hold back', () => ({ throttledUntil: Date.now() + 500 })],
])('one timer is armed while %s; it disarms itself and looks again', async (_, stateOf) => {
  let looks = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const queue = aQueue({
    ...stateOf(),
    checkPendingRequests: () => {
      looks++
      resolve()
    },
  })
  queue.scheduleCheckPendingRequests()
  const armed = queue.throttleCheckTimeoutId
  queue.scheduleCheckPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBe(armed)
  await promise
  expect([looks, queue.throttleCheckTimeoutId]).toEqual([1, null])
})

test('a request without an answer is given up, after its time and however many are answered meanwhile', async () => {
  const queue = aQueue({}, 50)
  const lost = ask(queue, 1)
  const beganMs = Date.now()
  const answered = ask(queue, 2)
  queue.fulfillRequest({ correlationId: 2, payload: 'yes', size: 3 })
  expect(await answered).toMatchObject({ payload: 'yes' })
  await expect(lost).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError', message: 'Request Fetch(key: 1, version: 11) timed out' })
  expect(Date.now() - beganMs).toBeGreaterThan(50)
  expect([queue.inflight.size, queue.timeoutCheckAtMs]).toEqual([0, undefined])
})

test('a request that must be answered sooner than those before it is looked after sooner', async () => {
  const queue = aQueue({}, 20)
  const join = Promise.withResolvers<unknown>()
  const entry = { correlationId: 1, apiName: 'JoinGroup', apiKey: 11, apiVersion: 5, ...join }
  queue.push({ entry, expectResponse: true, sendRequest: () => {}, requestTimeout: 60_000 } as Parameters<Queue['push']>[0])
  await expect(ask(queue, 2)).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' })
  expect([...queue.inflight.keys()]).toEqual([1])
  queue.destroy()
  expect(queue.timeoutCheckAtMs).toBeUndefined()
})
