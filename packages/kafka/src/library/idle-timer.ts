import { systemClock } from '@tidewatch/kit'
import { requireInside } from './insides.ts'

interface RequestQueue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

/** kafkajs' own pause between two looks at a queue that is held up by requests in flight. */
const checkIntervalMs = 10

/**
 * Stops the timer that kafkajs re-arms with a negative delay (= 1 ms) for ever on each connection: 900 wake-ups/s and
 * 4 % of a core per idle connection, which with one producer per partition is whole cores.
 *
 * A timer is needed only while requests wait in the queue or the broker has asked us to hold back.
 *
 * @see https://github.com/tulios/kafkajs/issues/1751
 */
export function installIdleTimer(): void {
  const { prototype } = requireInside<{ prototype: RequestQueue }>('network/requestQueue')
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
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
}
