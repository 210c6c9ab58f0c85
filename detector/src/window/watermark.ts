/**
 * How far the event time of one partition has come: the latest event time seen, less the allowed lateness.
 * It never goes back.
 *
 *     event times seen     100   104   103   110
 *     watermark (5 s)       95    99    99   105      104 and 103 came in time, 98 would be late now
 *
 * It cannot run ahead of the clock by more than `maxClockSkew`, because readings beyond that are refused
 * before they get here.
 *
 * A partition whose devices fall silent would keep its last windows open for ever. After `idleTimeout` without a
 * record, while the reader has caught up with the log, the watermark moves on with the clock: event time is
 * taken to pass as fast as wall time since the last record, so windows close when they would have closed had
 * a reading come.
 */
export class Watermark {
  readonly #allowedLatenessMs: number
  readonly #idleTimeoutMs: number
  readonly #maxClockSkewMs: number
  #ms = -Infinity
  #maxEventTimeMs = -Infinity

  constructor(options: { allowedLatenessMs: number; idleTimeoutMs: number; maxClockSkewMs: number }) {
    this.#allowedLatenessMs = options.allowedLatenessMs
    this.#idleTimeoutMs = options.idleTimeoutMs
    this.#maxClockSkewMs = options.maxClockSkewMs
  }

  /** -Infinity before the first reading. */
  get ms(): number {
    return this.#ms
  }

  get maxEventTimeMs(): number {
    return this.#maxEventTimeMs
  }

  /** Takes up what an earlier run had come to. */
  resume(ms: number, maxEventTimeMs: number): void {
    this.#ms = ms
    this.#maxEventTimeMs = maxEventTimeMs
  }

  /** Moves on with a reading. @returns whether it moved. */
  observe(eventTimeMs: number): boolean {
    if (eventTimeMs <= this.#maxEventTimeMs) return false
    this.#maxEventTimeMs = eventTimeMs
    return this.raiseTo(eventTimeMs - this.#allowedLatenessMs)
  }

  /** Moves on with the clock, where nothing has come for long enough. @returns whether it moved. */
  observeSilence(lastRecordAtMs: number, nowMs: number): boolean {
    const silenceMs = nowMs - lastRecordAtMs
    if (silenceMs < this.#idleTimeoutMs || this.#maxEventTimeMs === -Infinity) return false
    const ms = this.#maxEventTimeMs + silenceMs - this.#allowedLatenessMs
    return this.raiseTo(Math.min(ms, nowMs + this.#maxClockSkewMs))
  }

  /** @returns whether it moved. */
  raiseTo(ms: number): boolean {
    if (ms <= this.#ms) return false
    this.#ms = ms
    return true
  }
}
