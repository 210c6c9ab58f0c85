import { AppError, type Clock, type Logger, type Registry } from '@tidewatch/kit'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { controllerMetrics, type ReconcileOutcome } from './metrics.ts'
import { WorkQueue } from './work-queue.ts'

export interface ReconcileContext {
  /** Aborts when the controller stops; the reconcile may end early, and is waited for. */
  signal: AbortSignal
  /** Carries `controller`, `key` and `reconcileID`. */
  log: Logger
}

export interface ReconcileResult {
  /** Look again after so long, in ms. Undefined: only when something changes. */
  requeueAfterMs?: number | undefined
}

/** Brings the world to what the object of this key wants. Level-based: it is told which, never what happened. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>

export interface ControllerOptions {
  /** Names logs and metrics: `detectionpipeline`. */
  name: string
  reconcile: Reconcile
  /** Keys at the same time; one key is never with two workers. Default 4. */
  workers?: number
  clock: Clock
  log: Logger
  registry: Registry
  /** Uniform in [0, 1): jitter of the pauses, and the ids of runs. Default `Math.random`. */
  random?: () => number
  backoff?: Omit<BackoffOptions, 'random'>
  /** With `listKeys`: every key is looked at again so often, in ms, however quiet all is. */
  resyncEveryMs?: number
  listKeys?: () => Iterable<string>
}

export interface Controller {
  enqueue(key: string): void
  enqueueAfter(key: string, ms: number): void
  /** Works until the signal aborts; resolves when the reconciles then in flight have ended. Runs once. */
  run(signal: AbortSignal): Promise<void>
  /** Nothing queued and nothing in flight; what is to come after a pause does not count. */
  isIdle(): boolean
}

/** A controller: a queue of keys, workers, pauses after failures, metrics and one child logger for each run. */
export function createController(options: ControllerOptions): Controller {
  const { name, reconcile, workers = 4, clock, log, registry, random = Math.random, resyncEveryMs, listKeys } = options
  const metrics = controllerMetrics(registry)
  const queue = new WorkQueue({
    clock,
    backoff: new Backoff({ ...options.backoff, random }),
    observer: {
      onAdd: (depth) => {
        metrics.adds.inc({ name })
        metrics.depth.set({ name }, depth)
      },
      onTake: (depth, waitedMs) => {
        metrics.depth.set({ name }, depth)
        metrics.queueSeconds.observe({ name }, waitedMs / 1000)
      },
      onDone: (workedMs) => metrics.workSeconds.observe({ name }, workedMs / 1000),
      onRetry: () => metrics.retries.inc({ name }),
    },
  })

  async function runWorker(signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
      metrics.activeWorkers.inc({ controller: name })
      const startMs = clock.now()
      try {
        metrics.reconciles.inc({ controller: name, result: await reconcileOnce(key, signal) })
      } finally {
        metrics.reconcileSeconds.observe({ controller: name }, (clock.now() - startMs) / 1000)
        metrics.activeWorkers.dec({ controller: name })
        queue.done(key)
      }
    }
  }

  async function reconcileOnce(key: string, signal: AbortSignal): Promise<ReconcileOutcome> {
    const runLog = log.child({ controller: name, key, reconcileID: drawId(random) })
    try {
      const { requeueAfterMs } = await reconcile(key, { signal, log: runLog })
      queue.resetBackoff(key)
      if (requeueAfterMs === undefined) return 'success'
      queue.addAfter(key, requeueAfterMs)
      return 'requeue_after'
    } catch (error) {
      retryLater(key, error, signal, runLog)
      return 'error'
    }
  }

  function retryLater(key: string, error: unknown, signal: AbortSignal, runLog: Logger): void {
    // A reconcile that was cut short by the stop has not failed: whoever leads next looks at the key again.
    if (signal.aborted) return runLog.info({ err: error }, 'Left reconcile unfinished at stop')
    metrics.errors.inc({ controller: name })
    const retry = error instanceof AppError ? error.retry : 'backoff'
    if (retry === 'never') {
      queue.resetBackoff(key)
      runLog.error({ err: error }, 'Reconcile failed; trying again when the object changes')
    } else if (retry === 'backoff') {
      const retryInMs = queue.addRateLimited(key)
      runLog.warn({ err: error, retryInMs }, 'Reconcile failed; trying again after a pause')
    } else {
      metrics.retries.inc({ name })
      queue.addAfter(key, retry.afterMs)
      runLog.warn({ err: error, retryInMs: retry.afterMs }, 'Reconcile failed; trying again when the server said')
    }
  }

  async function resync(signal: AbortSignal): Promise<void> {
    if (resyncEveryMs === undefined || listKeys === undefined) return
    while (!signal.aborted) {
      // A tenth of jitter, so that controllers and replicas do not beat together.
      await clock.sleep(resyncEveryMs * (0.9 + 0.2 * random()), signal)
      if (signal.aborted) return
      for (const key of listKeys()) queue.add(key)
    }
  }

  return {
    enqueue: (key) => queue.add(key),
    enqueueAfter: (key, ms) => queue.addAfter(key, ms),
    isIdle: () => queue.isIdle,
    async run(signal) {
      try {
        await Promise.all([resync(signal), ...Array.from({ length: workers }, () => runWorker(signal))])
      } finally {
        queue.close()
      }
    },
  }
}

/** Eight hexadecimal digits that tell one run's log lines from another's. */
function drawId(random: () => number): string {
  return Math.floor(random() * 2 ** 32).toString(16).padStart(8, '0')
}
