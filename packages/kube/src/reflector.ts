import { type AppError, type Clock, type Logger } from '@tidewatch/kit'
import { classify } from './classify.ts'
import { KubeUnreachable, ResourceExpired } from './errors.ts'
import type { Kube, WatchEvent } from './kube.ts'
import { listAll } from './list-pager.ts'
import type { KubeObject } from './object.ts'
import { computePauseMs } from './pause.ts'
import type { Resource } from './resource.ts'

/** What can be tuned; the defaults are those that the API server is used to. */
export interface ReflectorTunables {
  /** Objects in one page of a list. Default 500. */
  pageSize?: number | undefined
  /** Bounds of the time after which the server ends a watch, in s; the same for all would make them return together. Default 240 and 480. */
  minWatchSeconds?: number | undefined
  maxWatchSeconds?: number | undefined
  /** How much later than that a silent watch is given up, in ms. Default 30,000. */
  silenceGraceMs?: number | undefined
  /** The whole list is read anew after so long, plus up to a fifth, whatever the watch said, in ms. Default 600,000. */
  repairEveryMs?: number | undefined
}

export interface ReflectorOptions extends ReflectorTunables {
  kube: Kube
  resource: Resource
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  clock: Clock
  log: Logger
  /** Uniform in [0, 1). */
  random: () => number
  /** The whole truth of now. */
  onList: (objects: readonly KubeObject[]) => void
  /** One change after it. */
  onEvent: (event: Exclude<WatchEvent, { type: 'BOOKMARK' }>) => void
  /** What is wrong now; undefined when it is well again. */
  onProblem: (problem: AppError | undefined) => void
}

/** A watch that ends sooner than this, having said nothing, counts as broken: it would be a hot loop. */
const shortWatchMs = 1_000

/**
 * List, watch, and begin again whatever happens.
 *
 *     list --> watch --> ends in order ------------> watch from the last version
 *      ^         |
 *      |         +-----> 410, ERROR, reset, silence -> pause --+
 *      |         +-----> repair is due ------------------------|
 *      +-------------------------------------------------------+
 *
 * The drawn time line is in DESIGN.md.
 */
export class Reflector {
  readonly #options: ReflectorOptions & Required<{ [Name in keyof ReflectorTunables]: number }>
  #failures = 0

  constructor(options: ReflectorOptions) {
    const { pageSize = 500, minWatchSeconds = 240, maxWatchSeconds = 480, silenceGraceMs = 30_000, repairEveryMs = 600_000 } = options
    this.#options = { ...options, pageSize, minWatchSeconds, maxWatchSeconds, silenceGraceMs, repairEveryMs }
  }

  /** Goes on until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, random, resource, namespace, onProblem } = this.#options
    while (!signal.aborted) {
      try {
        await this.#listAndWatch(signal)
      } catch (thrown) {
        if (signal.aborted) return
        const error = classify(`follow ${resource.plural}`, thrown)
        this.#failures++
        // An expired version is everyday life: the first time the list is read anew at once.
        const pauseMs = error instanceof ResourceExpired && this.#failures === 1 ? 0 : computePauseMs(this.#failures, error, random())
        if (!(error instanceof ResourceExpired)) onProblem(error)
        log[this.#failures < 3 ? 'info' : 'warn']({ err: error, resource: resource.plural, namespace, failures: this.#failures, pauseMs }, 'Lost a watch and begins again')
        if (pauseMs > 0) await clock.sleep(pauseMs, signal)
      }
    }
  }

  /** Returns when the repair is due. */
  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const { kube, resource, namespace, labelSelector, fieldSelector, pageSize, repairEveryMs, clock, random, onList, onProblem } = this.#options
    const { items, resourceVersion } = await listAll(kube, resource, { namespace, labelSelector, fieldSelector, pageSize, signal })
    if (signal.aborted) return
    onList(items)
    onProblem(undefined)
    const repairAtMs = clock.now() + repairEveryMs * (1 + random() / 5)
    let version = resourceVersion
    while (!signal.aborted && clock.now() < repairAtMs) version = await this.#watch(version, repairAtMs, signal)
  }

  /** One watch until it ends in order; gives the version that the next one goes on from. */
  async #watch(fromVersion: string, repairAtMs: number, signal: AbortSignal): Promise<string> {
    const { kube, resource, namespace, labelSelector, fieldSelector, minWatchSeconds, maxWatchSeconds, silenceGraceMs, clock, random, onEvent } = this.#options
    const startedMs = clock.now()
    const chosenSeconds = Math.floor(minWatchSeconds + random() * (maxWatchSeconds - minWatchSeconds))
    const timeoutSeconds = Math.max(1, Math.min(chosenSeconds, Math.ceil((repairAtMs - startedMs) / 1_000)))
    const watchdog = new Watchdog(clock, timeoutSeconds * 1_000 + silenceGraceMs)
    let version = fromVersion
    let isQuiet = true
    try {
      const events = kube.watch(resource, { namespace, labelSelector, fieldSelector, resourceVersion: version, timeoutSeconds, signal: AbortSignal.any([signal, watchdog.signal]) })
      for await (const event of events) {
        if (signal.aborted) return version
        watchdog.feed()
        isQuiet = false
        this.#failures = 0
        if (event.type !== 'BOOKMARK') onEvent(event)
        version = (event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion) ?? version
      }
    } finally {
      watchdog.stop()
    }
    const what = `watch ${resource.plural}`
    if (watchdog.signal.aborted) throw new KubeUnreachable(`Failed to ${what}: not a byte within ${(timeoutSeconds * 1_000 + silenceGraceMs) / 1_000} s, so the connection is dead`)
    if (signal.aborted) return version
    if (isQuiet && clock.now() - startedMs < shortWatchMs) throw new KubeUnreachable(`Failed to ${what}: the server ended the watch at once. Look whether a proxy in between cuts long answers`)
    this.#failures = 0
    return version
  }
}

/** Aborts its signal when nobody has fed it for so long: a half-open connection says nothing and never ends. */
class Watchdog {
  readonly #abort = new AbortController()
  readonly #stop = new AbortController()
  readonly #clock: Clock
  readonly #limitMs: number
  #fedMs: number

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#fedMs = clock.now()
    void this.#guard()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  feed(): void {
    this.#fedMs = this.#clock.now()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** One sleeper for the whole watch, not a timer for every event. */
  async #guard(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const leftMs = this.#fedMs + this.#limitMs - this.#clock.now()
      if (leftMs <= 0) return this.#abort.abort()
      await this.#clock.sleep(leftMs, this.#stop.signal)
    }
  }
}
