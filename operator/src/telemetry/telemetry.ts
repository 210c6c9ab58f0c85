import { MetricLedger, type DetectionPipeline } from '@tidewatch/api'
import type { Clock } from '@tidewatch/kit'
import { keyOf, resources, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import type { FleetTelemetry } from '../fleet/telemetry-view.ts'
import type { PipelineTelemetry } from '../pipeline/telemetry-view.ts'
import { ownerLabel } from '../shared/labels.ts'
import { measureFleet } from './measure-fleet.ts'
import { measurePipeline, type PipelineMemory } from './measure-pipeline.ts'
import { listTargets } from './pods.ts'
import { scrapeMetrics, type Scrape } from './scrape.ts'

/** Where pods and their owners are found: the operator's caches. */
export interface PodDirectory {
  list(resource: Resource, namespace: string): readonly KubeObject[]
  listAll(resource: Resource): readonly KubeObject[]
}

export interface TelemetryOptions {
  objects: PodDirectory
  clock: Clock
  scrape?: Scrape
  intervalMs?: number
}

interface Followed {
  /** Another object of the same name starts from nothing. */
  uid: string | undefined
  ledger: MetricLedger<string>
  pipeline: PipelineMemory | undefined
  fleet: FleetTelemetry | undefined
}

const defaultIntervalMs = 10_000
/** Pods asked at the same time: one that does not answer holds up no more than its place. */
const atOnce = 32

/** What detectors and simulators tell of themselves, read every ten seconds; counters go on when a pod is replaced. */
export class Telemetry {
  readonly #objects: PodDirectory
  readonly #clock: Clock
  readonly #scrape: Scrape
  readonly #intervalMs: number
  readonly #followed = new Map<string, Followed>()

  constructor({ objects, clock, scrape = scrapeMetrics, intervalMs = defaultIntervalMs }: TelemetryOptions) {
    this.#objects = objects
    this.#clock = clock
    this.#scrape = scrape
    this.#intervalMs = intervalMs
  }

  /** Undefined until its detectors were read once. */
  pipelineOf(name: Required<ObjectName>): PipelineTelemetry | undefined {
    return this.#followed.get(idOf(resources.detectionPipelines, name))?.pipeline?.shown
  }

  /** Undefined until its simulators were read once. */
  fleetOf(name: Required<ObjectName>): FleetTelemetry | undefined {
    return this.#followed.get(idOf(resources.deviceFleets, name))?.fleet
  }

  /** Looks again and again until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const beganMs = this.#clock.now()
      await this.look(signal)
      await this.#clock.sleep(Math.max(1_000, this.#intervalMs - (this.#clock.now() - beganMs)), signal)
    }
  }

  /** Reads every process once. */
  async look(signal: AbortSignal): Promise<void> {
    const pipelines = this.#objects.listAll(resources.detectionPipelines)
    const fleets = this.#objects.listAll(resources.deviceFleets)
    const wanted = new Set([...pipelines.map((one) => ownerId(resources.detectionPipelines, one)), ...fleets.map((one) => ownerId(resources.deviceFleets, one))])
    for (const id of this.#followed.keys()) if (!wanted.has(id)) this.#followed.delete(id)

    const jobs = [...pipelines.map((owner) => ({ owner, kind: resources.detectionPipelines, label: ownerLabel.detector })), ...fleets.map((owner) => ({ owner, kind: resources.deviceFleets, label: ownerLabel.simulator }))]
    const isBusy = new Semaphore(atOnce)
    await Promise.all(jobs.map(({ owner, kind, label }) => this.#lookAt(owner, kind, label, isBusy, signal)))
  }

  async #lookAt(owner: KubeObject, kind: Resource, label: string, places: Semaphore, signal: AbortSignal): Promise<void> {
    const id = ownerId(kind, owner)
    const pods = this.#objects.list(resources.pods, owner.metadata.namespace ?? '').filter(({ metadata }) => metadata.labels?.[label] === owner.metadata.name)
    const targets = listTargets(pods)
    const known = this.#followed.get(id)
    const isSame = known !== undefined && known.uid === owner.metadata.uid
    const followed = isSame ? known : { uid: owner.metadata.uid, ledger: new MetricLedger<string>(), pipeline: undefined, fleet: undefined }
    const answers = await Promise.all(targets.map(async (target) => [target.id, await places.run(() => this.#scrape(target.address, signal))] as const))
    if (signal.aborted) return
    for (const [target, samples] of answers) if (samples !== undefined) followed.ledger.record(target, samples)
    const running = new Set(targets.map((target) => target.id))
    for (const target of followed.ledger.ids()) if (!running.has(target)) followed.ledger.retire(target)
    // Nobody was ever heard: there is nothing to show yet.
    if (!isSame && !answers.some(([, samples]) => samples !== undefined)) return
    this.#followed.set(id, followed)
    const totals = followed.ledger.totals()
    if (kind === resources.deviceFleets) followed.fleet = measureFleet(totals)
    else followed.pipeline = measurePipeline(totals, followed.pipeline, anomaliesTold(owner), this.#clock.now())
  }
}

const idOf = (kind: Resource, name: ObjectName): string => `${kind.plural}/${keyOf(name)}`

const ownerId = (kind: Resource, { metadata }: KubeObject): string => idOf(kind, { namespace: metadata.namespace, name: metadata.name })

function anomaliesTold({ status }: KubeObject): { lastHour: number; total: number } | undefined {
  const told = (status as DetectionPipeline['status'])?.anomalies
  return told?.total === undefined ? undefined : { total: told.total, lastHour: told.lastHour ?? 0 }
}

/** Lets so many run at the same time. */
class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#free--
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
