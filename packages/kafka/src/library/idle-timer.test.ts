import { expect, test } from 'vitest'
import { installIdleTimer } from './idle-timer.ts'
import { isKnownVersion, requireInside } from './insides.ts'

interface Queue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

function aQueue(state: Partial<Queue>): Queue {
  installIdleTimer()
  const { prototype } = requireInside<{ prototype: Queue }>('network/requestQueue')
  return Object.assign(
    Object.create(prototype) as Queue,
    { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null },
    state,
  )
}

test('the installed kafkajs is the version whose insides are known', () => {
  expect(isKnownVersion).toBe(true)
})

test('an idle queue arms no timer', () => {
  const queue = aQueue({})
  queue.scheduleCheckPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBeNull()
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
