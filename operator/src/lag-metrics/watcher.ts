import { resolveScaling, type DetectionPipeline } from '@tidewatch/api'
import type { PartitionLag } from '@tidewatch/kafka'
import { codeOf, defineError, Gauge, messageOf, type Clock, type Logger, type Registry } from '@tidewatch/kit'
import { addLook, emptyHistory, type LagHistory } from './looks.ts'
import { computeSignal, type LagSignal, type SignalPolicy } from './signal.ts'

/** Kafka did not answer a question about the lag in time. */
export const LagTimeout = defineError('LAG_TIMEOUT', { retry: 'backoff' })
/** Nobody has looked yet. */
export const LagNotReadYet = defineError('LAG_NOT_READ_YET', { retry: 'backoff' })

/** A pipeline whose lag is wanted. */
export interface WatchedPipeline {
  namespace: string
  name: string
  scaling: DetectionPipeline['spec']['scaling']
}

/** What is known of a pipeline's lag: `code` is that of the error, `why` a sentence, `sinceMs` when it began. */
export type LagAnswer = { kind: 'Known'; signal: LagSignal } | { kind: 'Unreadable'; code: string; why: string; sinceMs: number }

/** Where lag is asked for: by the external metrics API, the KEDA endpoint and the status. */
export interface LagReader {
  /** Undefined where there is no such pipeline. */
  signalOf(namespace: string, name: string): LagAnswer | undefined
  /** The watched pipelines of a namespace, sorted by name. */
  listPipelines(namespace: string): string[]
}

export interface LagWatcher extends LagReader {
  /** Looks until the signal aborts; resolves when the last look is over. */
  run(signal: AbortSignal): Promise<void>
  /** Looks once at every pipeline that is not being looked at. Resolves when all of these are done. */
  look(): Promise<void>
}

export interface LagWatcherOptions {
  /** All pipelines, from a cache. */
  list: () => readonly WatchedPipeline[]
  /** The lag by partition, from a pool of admin clients. May hang: it is given up after `timeoutMs`. */
  readLag: (pipeline: WatchedPipeline) => Promise<PartitionLag[]>
  /** Ready detectors of a pipeline, from a cache. */
  replicasOf: (pipeline: WatchedPipeline) => number
  clock: Clock
  log: Logger
  registry?: Registry
  /** Default 5 s. */
  intervalMs?: number
  /** Default 10 s. A look that took longer still holds its place until it ends, so that a dead Kafka is asked once. */
  timeoutMs?: number
  /** Questions at the same time. Default 16. */
  concurrency?: number
}

interface Entry {
  pipeline: WatchedPipeline
  history: LagHistory
  failure: { code: string; why: string; sinceMs: number } | undefined
  isAsking: boolean
  askedAtMs: number
  partitions: Set<number>
}

/** A signal older than this is an error, never a number. */
const freshMs = 60_000

export function createLagWatcher(options: LagWatcherOptions): LagWatcher {
  const { list, readLag, replicasOf, clock, log, intervalMs = 5_000, timeoutMs = 10_000, concurrency = 16 } = options
  const entries = new Map<string, Entry>()
  const gauge = createGauge(options.registry)
  let workers = 0

  const follow = (): Entry[] => {
    const listed = new Map(list().map((pipeline) => [`${pipeline.namespace}/${pipeline.name}`, pipeline]))
    for (const [key, entry] of entries) {
      if (listed.has(key)) continue
      gauge?.forget(entry)
      entries.delete(key)
    }
    for (const [key, pipeline] of listed) {
      const entry = entries.get(key)
      if (entry === undefined) entries.set(key, { pipeline, history: emptyHistory, failure: undefined, isAsking: false, askedAtMs: 0, partitions: new Set() })
      else entry.pipeline = pipeline
    }
    return [...entries.values()]
  }

  const lookAt = async (entry: Entry): Promise<void> => {
    const { pipeline } = entry
    const key = `${pipeline.namespace}/${pipeline.name}`
    try {
      const partitions = await readLag(pipeline)
      entry.history = addLook(entry.history, { atMs: clock.now(), replicas: replicasOf(pipeline), partitions })
      if (entry.failure !== undefined) log.info({ pipeline: key }, 'Read lag again')
      entry.failure = undefined
      if (entries.get(key) === entry) gauge?.set(entry, partitions)
    } catch (err) {
      fail(entry, codeOf(err) ?? 'LAG_UNREADABLE', messageOf(err))
    }
  }

  const fail = (entry: Entry, code: string, why: string): void => {
    const isNews = entry.failure?.why !== why
    entry.failure = { code, why, sinceMs: entry.failure?.sinceMs ?? clock.now() }
    if (isNews) log.warn({ pipeline: `${entry.pipeline.namespace}/${entry.pipeline.name}`, code, why }, 'Failed to read lag')
  }

  /** Never rejects. Resolves at the time-out; until the question ends for good, the pipeline is not asked about again. */
  const ask = async (entry: Entry): Promise<void> => {
    entry.isAsking = true
    entry.askedAtMs = clock.now()
    const end = new AbortController()
    const question = lookAt(entry).finally(() => {
      entry.isAsking = false
      end.abort()
    })
    const timeout = clock.sleep(timeoutMs, end.signal).then(() => {
      if (entry.isAsking) fail(entry, LagTimeout.code, `Kafka did not answer within ${timeoutMs / 1_000} s: check that the operator can reach its brokers`)
    })
    await Promise.race([question, timeout])
  }

  const look = async (): Promise<void> => {
    // Whoever has waited longest comes first, so that nobody is passed over for good when there are many.
    const waiting = follow()
      .filter((entry) => !entry.isAsking)
      .sort((a, b) => a.askedAtMs - b.askedAtMs)
    const work = async () => {
      workers++
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) if (!entry.isAsking) await ask(entry)
      workers--
    }
    await Promise.all(Array.from({ length: Math.min(concurrency - workers, waiting.length) }, work))
  }

  return {
    look,
    async run(signal) {
      const rounds = new Set<Promise<void>>()
      while (!signal.aborted) {
        // Not awaited: a look that hangs on one Kafka must not put off the next look at the others.
        const round = look().finally(() => rounds.delete(round))
        rounds.add(round)
        await clock.sleep(intervalMs, signal)
      }
      await Promise.race([Promise.all(rounds), clock.sleep(timeoutMs)])
    },
    listPipelines: (namespace) =>
      list()
        .filter((one) => one.namespace === namespace)
        .map(({ name }) => name)
        .sort(),
    signalOf(namespace, name) {
      const key = `${namespace}/${name}`
      const entry = entries.get(key)
      if (entry === undefined) {
        const isListed = list().some((one) => one.namespace === namespace && one.name === name)
        return isListed ? { kind: 'Unreadable', code: LagNotReadYet.code, why: 'the lag was not read yet', sinceMs: clock.now() } : undefined
      }
      return answer(entry, clock.now())
    },
  }
}

/** The signal while it is fresh, also through a failed look or two; then the failure. */
function answer({ pipeline, history, failure }: Entry, nowMs: number): LagAnswer {
  const signal = computeSignal(policyOf(pipeline.scaling), history)
  if (signal !== undefined && nowMs - signal.atMs <= freshMs) return { kind: 'Known', signal }
  if (failure !== undefined) return { kind: 'Unreadable', ...failure }
  if (signal === undefined) return { kind: 'Unreadable', code: LagNotReadYet.code, why: 'the lag was not read yet', sinceMs: nowMs }
  const ageSeconds = Math.round((nowMs - signal.atMs) / 1_000)
  return { kind: 'Unreadable', code: LagTimeout.code, why: `the last look at the lag is ${ageSeconds} s old`, sinceMs: signal.atMs }
}

/** With a target in records the time is for people alone, so the default will do. */
const defaultTargetDrainMs = 30_000

function policyOf(scaling: WatchedPipeline['scaling']): SignalPolicy {
  const { target } = resolveScaling(scaling, 1)
  return 'lagPerReplica' in target
    ? { targetDrainSeconds: defaultTargetDrainMs / 1_000, targetLagPerReplica: target.lagPerReplica }
    : { targetDrainSeconds: target.drainTimeMs / 1_000, targetLagPerReplica: undefined }
}

function createGauge(registry: Registry | undefined) {
  if (registry === undefined) return undefined
  const gauge = new Gauge({ name: 'tidewatch_consumer_lag', help: 'Records waiting in a partition of a pipeline\'s input.', labelNames: ['namespace', 'pipeline', 'partition'], registers: [registry] })
  const labelsOf = ({ pipeline: { namespace, name } }: Entry, partition: number) => ({ namespace, pipeline: name, partition: String(partition) })
  const forget = (entry: Entry, kept: ReadonlySet<number> = new Set()) => {
    for (const partition of entry.partitions) if (!kept.has(partition)) gauge.remove(labelsOf(entry, partition))
  }
  return {
    set(entry: Entry, partitions: readonly PartitionLag[]) {
      const now = new Set(partitions.map(({ partition }) => partition))
      forget(entry, now)
      entry.partitions = now
      for (const { partition, lag } of partitions) gauge.set(labelsOf(entry, partition), lag)
    },
    forget: (entry: Entry) => forget(entry),
  }
}
