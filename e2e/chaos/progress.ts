import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicAdmin } from '@tidewatch/kafka'
import { messageOf } from '@tidewatch/kit'

const lookMs = 200

interface Seen {
  offset: number
  end: number
  /** When its committed position last moved, or it had nothing to do. */
  movedAtMs: number
}

/**
 * Watches where the group stands. Outputs and positions are one transaction, so a position that moves is output that is
 * visible: this is how time without output is told. Times are of `performance.now()`.
 */
export class Progress {
  readonly #admin: TopicAdmin
  readonly #groupId: string
  readonly #topic: string
  readonly #seen = new Map<number, Seen>()
  readonly #silences: { endedAtMs: number; ms: number }[] = []
  readonly #end = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lastLookMs = 0
  #failure: string | undefined

  constructor(admin: TopicAdmin, { groupId, topic }: { groupId: string; topic: string }) {
    this.#admin = admin
    this.#groupId = groupId
    this.#topic = topic
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  /** Records that lie in the log and are not committed; NaN before anything is known. */
  get lag(): number {
    return this.#seen.size === 0 ? NaN : [...this.#seen.values()].reduce((sum, { offset, end }) => sum + end - offset, 0)
  }

  /** When the figures were read last. */
  get lastLookMs(): number {
    return this.#lastLookMs
  }

  /** True when every partition has moved, or had nothing to do, after that time. */
  hasMovedSince(ms: number): boolean {
    return this.#seen.size > 0 && [...this.#seen.values()].every(({ movedAtMs }) => movedAtMs > ms)
  }

  /** The longest time for which a partition with something to do brought nothing, among those that ended (or last) after that time. */
  longestSilenceMs(sinceMs: number): number {
    const over = this.#silences.filter(({ endedAtMs }) => endedAtMs >= sinceMs).map(({ ms }) => ms)
    const lasting = [...this.#seen.values()].map(({ movedAtMs }) => this.#lastLookMs - movedAtMs)
    return Math.max(0, ...over, ...lasting)
  }

  /** For people: which partitions stand still, and since when. */
  describe(nowMs = performance.now()): string {
    const seconds = (sinceMs: number) => `${((nowMs - sinceMs) / 1_000).toFixed(1)} s`
    const still = [...this.#seen].filter(([, { offset, end }]) => offset < end).map(([partition, { offset, end, movedAtMs }]) => `${partition} at ${offset} of ${end} for ${seconds(movedAtMs)}`)
    const failure = this.#failure === undefined ? '' : `, then failed: ${this.#failure}`
    return `partitions with something to do: ${still.join(', ') || 'none'} (looked ${seconds(this.#lastLookMs)} ago${failure})`
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      // A broker that is away is part of the game; whoever waits for progress has a deadline, and tells what was seen last.
      await this.#look().catch((error: unknown) => {
        this.#failure = messageOf(error)
      })
      await sleep(lookMs, undefined, { signal: this.#end.signal }).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const committed = await this.#admin.readCommitted(this.#groupId, this.#topic)
    const ends = await this.#admin.readOffsets(this.#topic)
    const nowMs = performance.now()
    this.#lastLookMs = nowMs
    this.#failure = undefined
    for (const { partition, logStartOffset, logEndOffset: end } of ends) {
      const offset = committed.get(partition)?.offset ?? logStartOffset
      const before = this.#seen.get(partition)
      const hasMoved = before === undefined || offset > before.offset || offset >= end
      const movedAtMs = hasMoved ? nowMs : before.movedAtMs
      // Of what is shorter than a second nothing is said: it is the pace of the commits.
      if (hasMoved && before !== undefined && nowMs - before.movedAtMs > 1_000) this.#silences.push({ endedAtMs: nowMs, ms: nowMs - before.movedAtMs })
      this.#seen.set(partition, { offset, end, movedAtMs })
    }
  }
}
