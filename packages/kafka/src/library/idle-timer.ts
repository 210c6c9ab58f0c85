import { systemClock } from '@tidewatch/kit'
import { requireInside } from './insides.ts'

interface Request {
  correlationId: number
  sentAt: number
  requestTimeout: number
  timeoutRequest(): void
}

interface RequestQueue {
  enforceRequestTimeout: boolean
  inflight: Map<number, Request>
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  /** kafkajs' own name, because its `destroy` clears it. */
  requestTimeoutIntervalId?: NodeJS.Timeout | undefined
  /** When the timer for requests without an answer goes off: ours alone. */
  timeoutCheckAtMs?: number | undefined
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  sendSocketRequest: (this: RequestQueue, request: Request) => void
  destroy: (this: RequestQueue) => void
}

/** kafkajs' own pause between two looks at a queue that is held up by requests in flight. */
const checkIntervalMs = 10

/**
 * Stops the two timers that kafkajs keeps running on each connection, however idle: one re-armed with a negative delay (= 1 ms) for
 * ever, 900 wake-ups/s and 4 % of a core; and one that looks every 100 ms whether an answer is overdue. With one producer for each
 * partition they are whole cores.
 *
 * The first is needed only while requests wait in the queue or the broker has asked us to hold back; the second when the first of the
 * requests in flight can be overdue, and not before.
 *
 * @see https://github.com/tulios/kafkajs/issues/1751
 */
export function installIdleTimer(): void {
  const { prototype } = requireInside<{ prototype: RequestQueue }>('network/requestQueue')
  if (isInstalled) return
  isInstalled = true
  const { destroy, sendSocketRequest: send } = prototype
  prototype.scheduleCheckPendingRequests = checkPendingLater
  prototype.scheduleRequestTimeoutCheck = timeOutRequests
  prototype.sendSocketRequest = function (this: RequestQueue, request: Request) {
    send.call(this, request)
    if (!this.inflight.has(request.correlationId)) return
    if (dueAtMs(request) < (this.timeoutCheckAtMs ?? Infinity)) this.scheduleRequestTimeoutCheck()
  }
  prototype.destroy = function (this: RequestQueue) {
    destroy.call(this)
    this.timeoutCheckAtMs = undefined
  }
}

let isInstalled = false

function checkPendingLater(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId) return
  const waitMs = this.throttledUntil - systemClock.now()
  if (this.pending.length === 0 && waitMs <= 0) return
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    waitMs > 0 ? waitMs : checkIntervalMs,
  )
}

/** Gives up requests that were not answered in time, and comes again when the next one can be overdue. */
function timeOutRequests(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return
  clearTimeout(this.requestTimeoutIntervalId)
  this.timeoutCheckAtMs = undefined
  const nowMs = systemClock.now()
  // A list of its own: a request that is given up lets others go, which come back to here.
  const overdue = [...this.inflight.values()].filter((request) => dueAtMs(request) <= nowMs)
  for (const request of overdue) if (this.inflight.has(request.correlationId)) request.timeoutRequest()
  const nextAtMs = Math.min(...[...this.inflight.values()].map(dueAtMs))
  if (!Number.isFinite(nextAtMs)) return
  clearTimeout(this.requestTimeoutIntervalId)
  this.timeoutCheckAtMs = nextAtMs
  this.requestTimeoutIntervalId = setTimeout(() => this.scheduleRequestTimeoutCheck(), Math.max(1, nextAtMs - nowMs))
}

/** The first millisecond in which kafkajs, too, would say that the answer is late. */
function dueAtMs({ sentAt, requestTimeout }: Request): number {
  return sentAt + requestTimeout + 1
}
