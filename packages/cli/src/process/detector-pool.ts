import { defineError, systemClock } from '@tidewatch/kit'
import { MetricLedger } from '@tidewatch/api'
import { decideRestart, restartPolicy } from './backoff.ts'
import { describeExit, type Child } from './child.ts'

export const DetectorFailed = defineError('DETECTOR_FAILED', { retry: 'never' })

/** How long a detector may take to join its group and be given partitions. */
const readyTimeoutMs = 90_000
/** Its own way down takes up to 25 s when a commit hangs. */
const stopGraceMs = 27_000
const readyPollMs = 100

interface Slot {
  id: number
  child: Child | undefined
  deaths: number
  isStopping: boolean
}

/** The detectors of one pipeline: as many as asked for, started again when they die. */
export class DetectorPool {
  readonly ledger = new MetricLedger()
  /** Rejects when a detector dies again and again. */
  readonly failed: Promise<never>
  readonly #start: (id: number) => Child
  readonly #notify: (text: string) => void
  readonly #stopped = new AbortController()
  #fail: (error: Error) => void = () => {}
  #slots: Slot[] = []
  #nextId = 1
  #leaving: Promise<unknown>[] = []
  #peak = 0
  #restarts = 0

  constructor(options: { start: (id: number) => Child; notify: (text: string) => void }) {
    this.#start = options.start
    this.#notify = options.notify
    this.failed = new Promise((_, reject) => (this.#fail = reject))
    this.failed.catch(() => {})
  }

  get wanted(): number {
    return this.#slots.length
  }

  get running(): number {
    return this.#children().length
  }

  /** The most that were wanted at any time, and how many had to be started again. */
  get history(): { peak: number; restarts: number } {
    return { peak: this.#peak, restarts: this.#restarts }
  }

  /** Starts or stops detectors until there are `count`; the ones started last go first. */
  resize(count: number): void {
    while (this.#slots.length < count) this.#launch({ id: 0, child: undefined, deaths: 0, isStopping: false }, true)
    for (const slot of this.#slots.splice(count)) this.#leaving.push(this.#retire(slot))
    this.#peak = Math.max(this.#peak, count)
  }

  /** Waits until every detector has been given its partitions. */
  async becomeReady(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs
    for (const slot of this.#slots) {
      while (!signal.aborted && !(await slot.child?.isReady())) {
        if (slot.child?.exit !== undefined) throw new DetectorFailed(explainDeath(slot.child))
        if (Date.now() > deadline) {
          throw new DetectorFailed(`${slot.child?.name ?? 'A detector'} was not given a partition within ${readyTimeoutMs / 1_000} s${because(slot.child)}`)
        }
        await systemClock.sleep(readyPollMs, signal)
      }
    }
  }

  /** Reads the metrics of all detectors into the ledger. */
  async scrape(): Promise<void> {
    await Promise.all(
      this.#slots.map(async ({ id, child }) => {
        const samples = await child?.scrape()
        if (samples !== undefined) this.ledger.record(id, samples)
      }),
    )
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.resize(0)
    await Promise.all(this.#leaving)
  }

  #launch(slot: Slot, isNew: boolean): void {
    // Each process has an id of its own: one that starts again counts from zero again.
    slot.id = this.#nextId++
    slot.child = this.#start(slot.id)
    if (isNew) this.#slots.push(slot)
    void this.#watch(slot, slot.child)
  }

  async #watch(slot: Slot, child: Child): Promise<void> {
    const exit = await child.exited
    this.ledger.retire(slot.id)
    if (slot.isStopping) return
    const decision = decideRestart(restartPolicy, slot.deaths, Date.now() - child.startedAtMs)
    if (decision === undefined) return this.#fail(new DetectorFailed(explainDeath(child)))
    slot.deaths = decision.deaths
    this.#restarts++
    this.#notify(`${child.name} (pid ${child.pid ?? '?'}) ${describeExit(exit)}: starting another in ${decision.pauseMs / 1_000} s${because(child)}`)
    await systemClock.sleep(decision.pauseMs, this.#stopped.signal)
    if (!slot.isStopping) this.#launch(slot, false)
  }

  async #retire(slot: Slot): Promise<void> {
    slot.isStopping = true
    // Its last counts, before they go with it.
    const samples = await slot.child?.scrape()
    if (samples !== undefined) this.ledger.record(slot.id, samples)
    await slot.child?.stop(stopGraceMs)
  }

  #children(): Child[] {
    return this.#slots.flatMap(({ child }) => (child !== undefined && child.exit === undefined ? [child] : []))
  }
}

function explainDeath(child: Child | undefined): string {
  if (child?.exit === undefined) return 'A detector ended'
  return `${child.name} ${describeExit(child.exit)}${because(child)}`
}

function because(child: Child | undefined): string {
  return child?.lastError === undefined ? '' : `: ${child.lastError}`
}
