import { Counter, type Clock, type Logger, type Registry } from '@tidewatch/kit'
import { buildEvent, identifyEvent, nameEvent, type EventSeries, type KubeEvent } from './event-object.ts'
import type { Kube } from './kube.ts'
import { resources } from './resource.ts'
import { takeToken, type TokenBucket } from './token-bucket.ts'

export type { KubeEvent } from './event-object.ts'

export interface EventRecorderOptions {
  kube: Pick<Kube, 'apply'>
  /** `reportingController`: `tidewatch.dev/operator`; also the field manager, with `-` for `/`. */
  component: string
  /** `reportingInstance`: the pod. */
  instance: string
  clock: Clock
  log: Logger
  /** Gets `tidewatch_kubernetes_events_total{result}`: written, repeated, dropped or failed. */
  registry?: Registry | undefined
}

export interface EventRecorder {
  /**
   * Writes an event, or counts it where the same one was written within 10 minutes. Resolves when that is done or has failed:
   * it never rejects, and need not be awaited. Needs `create` and `patch` on events of events.k8s.io.
   */
  record(event: KubeEvent): Promise<void>
}

/** As long as client-go takes for its aggregation. */
const sameWithinMs = 600_000
/** For each object, as client-go's spam filter: 25 at once, then one each 5 minutes. */
const burst = 25
const refillMs = 300_000
/** Objects and events remembered; the oldest are forgotten first. */
const maxRemembered = 4_096

/** One series and the write that runs, so that counts reach the server in their order. */
interface Remembered {
  event: KubeEvent
  series: EventSeries
  writing: Promise<void>
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options)
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #seen = new Map<string, Remembered>()
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #results: Counter<'result'> | undefined
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
    const { registry } = options
    if (registry !== undefined) {
      this.#results = new Counter({ name: 'tidewatch_kubernetes_events_total', help: 'Events about our objects, by what became of them.', labelNames: ['result'], registers: [registry] })
    }
  }

  record(event: KubeEvent): Promise<void> {
    const nowMs = this.#options.clock.now()
    const id = identifyEvent(event)
    const known = this.#seen.get(id)
    const isRepeat = known !== undefined && nowMs - known.series.lastMs < sameWithinMs
    const remembered = isRepeat ? known : { event, series: this.#beginSeries(event, nowMs), writing: Promise.resolve() }
    if (isRepeat) {
      remembered.series.count++
      remembered.series.lastMs = nowMs
    }
    remember(this.#seen, id, remembered)
    if (!this.#mayWrite(event, nowMs)) {
      this.#results?.inc({ result: 'dropped' })
      return Promise.resolve()
    }
    remembered.writing = remembered.writing.then(() => this.#write(remembered))
    return remembered.writing
  }

  #beginSeries(event: KubeEvent, nowMs: number): EventSeries {
    return { name: nameEvent(event.regarding.metadata.name, nowMs, this.#sequence++), firstMs: nowMs, lastMs: nowMs, count: 1 }
  }

  #mayWrite({ regarding }: KubeEvent, nowMs: number): boolean {
    const id = regarding.metadata.uid ?? JSON.stringify([regarding.kind, regarding.metadata.namespace, regarding.metadata.name])
    const bucket = takeToken(this.#buckets.get(id), { burst, refillMs, nowMs })
    if (bucket !== undefined) remember(this.#buckets, id, bucket)
    return bucket !== undefined
  }

  async #write({ event, series }: Remembered): Promise<void> {
    const { kube, component, log } = this.#options
    const result = series.count < 2 ? 'written' : 'repeated'
    try {
      await kube.apply(resources.events, buildEvent(event, series, this.#options), { fieldManager: component.replaceAll('/', '-'), force: true })
      this.#results?.inc({ result })
    } catch (err) {
      this.#results?.inc({ result: 'failed' })
      const { kind, metadata } = event.regarding
      log.warn({ err, kind, namespace: metadata.namespace, name: metadata.name, reason: event.reason, note: event.note }, 'Failed to write an event')
    }
  }
}

/** Puts an entry at the end and drops the oldest beyond the limit. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= maxRemembered) return
    map.delete(oldest)
  }
}
