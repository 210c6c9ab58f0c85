import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorConfig } from '@tidewatch/api'
import { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import { ChaosStuck } from './errors.ts'
import type { KafkaProxy } from './proxy/kafka-proxy.ts'
import { points, type Point, type PointName } from './proxy/points.ts'

/** Where a detector works: one at a time, begun again whenever it ends, as a pod would be. */
interface Slot {
  index: number
  proxy: KafkaProxy
  isWanted: boolean
  /** Set when it was us who ended the process, or made it end. */
  isAsked: boolean
  process: DetectorProcess | undefined
  /** What those before it have said. */
  said: string[]
}

export interface CrewOptions {
  config: DetectorConfig
  proxies: readonly KafkaProxy[]
  sessionTimeoutMs: number
}

/** Between the end of a process and the next one. */
const restartPauseMs = 300
/** A point that is not passed for so long is not passed any more. */
const pointTimeoutMs = 60_000
/** A detector has so long to end in order, as a pod has. */
const leaveTimeoutMs = 30_000

/** The detectors of a run, each behind a proxy of its own. */
export class Crew {
  readonly #options: CrewOptions
  readonly #slots: Slot[]
  readonly #starting = new Set<Promise<void>>()
  /** A run that is cut short leaves no detector behind. */
  readonly #killNow = () => {
    for (const { process: one } of this.#slots) if (one !== undefined) process.kill(one.pid, 'SIGKILL')
  }
  /** Processes that ended without having been asked to, by a signal or by standing still. */
  ownExits = 0
  started = 0

  constructor(options: CrewOptions) {
    this.#options = options
    process.on('exit', this.#killNow)
    this.#slots = options.proxies.map((proxy, index) => ({ index, proxy, isWanted: false, isAsked: false, process: undefined, said: [] }))
  }

  /** Slots in which a detector should be. */
  get size(): number {
    return this.#slots.filter(({ isWanted }) => isWanted).length
  }

  /** Detectors that the group has taken in, told by their own logs. */
  get members(): number {
    return this.#slots.filter(({ process: one }) => one?.output.includes('"Took over partitions"')).length
  }

  /** Generations that the group has had, as far as the proxies have seen them begin. */
  get generations(): number {
    return new Set(this.#slots.flatMap(({ proxy }) => [...proxy.generations])).size
  }

  proxy(slot: number): KafkaProxy {
    return this.#slots[slot]!.proxy
  }

  /** From now on there are so many: missing ones are started, those beyond get SIGTERM. Resolves when these have ended. */
  async employ(count: number): Promise<void> {
    for (const slot of this.#slots.slice(0, count)) {
      if (slot.isWanted) continue
      slot.isWanted = true
      this.#start(slot)
    }
    await Promise.all(this.#slots.slice(count).map((slot) => this.#dismiss(slot)))
  }

  /** Sends a signal to the process of a slot. @returns false where none runs at the moment. */
  signal(index: number, name: NodeJS.Signals): boolean {
    const { process: one } = this.#slots[index]!
    if (one === undefined) return false
    this.#slots[index]!.isAsked = true
    process.kill(one.pid, name)
    return true
  }

  /** Resolves when another process is in the slot than the one that is there now. */
  async replaced(index: number): Promise<void> {
    await this.#slots[index]!.process?.exited
    while (this.#slots[index]!.process === undefined) await sleep(50)
  }

  /**
   * Does something the moment the detector of a slot passes a point, before anything goes on there. A point that is only passed in a
   * take-over gets one: the detector is made to begin anew.
   *
   * @param act says true where the request or answer of the point must be lost: one killed before it asks has not asked.
   * @throws ChaosStuck where the point is not passed within a minute.
   */
  async at(index: number, point: PointName, act: () => boolean): Promise<void> {
    const { proxy } = this.#slots[index]!
    const { isReached, isPrepared, isInTakeOver, label }: Point = points[point]
    const { checkpoint, outputs } = this.#options.config
    const topics = { state: checkpoint.topic, scores: outputs.scores! }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let prepared = isPrepared === undefined
    const arm = () =>
      proxy.watch((moment) => {
        prepared ||= isPrepared!(moment, topics)
        if (!prepared || !isReached(moment, topics)) return false
        proxy.watch(undefined)
        resolve()
        return act()
      })
    const timer = setTimeout(() => reject(new ChaosStuck(`Detector ${index} did not come to the point "${label}" within ${pointTimeoutMs / 1_000} s: look at its log for why it does nothing`)), pointTimeoutMs)
    try {
      if (isInTakeOver && this.signal(index, 'SIGTERM')) await this.replaced(index)
      arm()
      await promise
    } finally {
      clearTimeout(timer)
      proxy.watch(undefined)
    }
  }

  /** Ends all in order. @returns those that did not end with 0, as `slot: code`. */
  async dismiss(): Promise<string[]> {
    const codes = await Promise.all(this.#slots.map((slot) => this.#dismiss(slot)))
    return codes.flatMap((code, index) => (code === 0 || code === undefined ? [] : [`detector ${index}: ${code}`]))
  }

  /** Ends all at once, whatever they do. */
  async kill(): Promise<void> {
    for (const slot of this.#slots) slot.isWanted = false
    await Promise.all(this.#starting)
    await Promise.all(this.#slots.map(async ({ process: one }) => one?.signal('SIGKILL')))
    process.off('exit', this.#killNow)
  }

  /** All that the detectors have said, by slot. */
  get outputs(): string[] {
    return this.#slots.map(({ said, process: one }) => [...said, one?.output ?? ''].join('\n--- the next process ---\n'))
  }

  #start(slot: Slot): void {
    const { config, sessionTimeoutMs } = this.#options
    const one = new DetectorProcess(config, `127.0.0.1:${slot.proxy.port}`, { TIDEWATCH_SESSION_TIMEOUT_MS: String(sessionTimeoutMs) })
    slot.process = one
    slot.isAsked = false
    this.started++
    void one.exited.then(() => this.#ended(slot, one))
  }

  #ended(slot: Slot, one: DetectorProcess): void {
    slot.said.push(one.output)
    slot.process = undefined
    if (!slot.isAsked) this.ownExits++
    if (!slot.isWanted) return
    const starting = sleep(restartPauseMs).then(() => {
      if (slot.isWanted) this.#start(slot)
    })
    this.#starting.add(starting)
    void starting.finally(() => this.#starting.delete(starting))
  }

  async #dismiss(slot: Slot): Promise<number | string | undefined> {
    slot.isWanted = false
    await Promise.all(this.#starting)
    const one = slot.process
    if (one === undefined) return undefined
    slot.isAsked = true
    const killer = setTimeout(() => process.kill(one.pid, 'SIGKILL'), leaveTimeoutMs)
    const code = await one.signal('SIGTERM')
    clearTimeout(killer)
    // Begun just now, it has not got so far as to hear of signals; nothing was begun either.
    if (code === 'SIGTERM' && !one.output.includes('Started detector')) return undefined
    return code ?? 'unknown'
  }
}
