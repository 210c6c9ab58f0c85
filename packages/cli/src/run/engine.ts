import type { DetectorConfig } from '@tidewatch/api'
import { systemClock, type AppError } from '@tidewatch/kit'
import type { LiveView } from '../live/view.ts'
import type { Screen } from '../live/screen.ts'
import { computeAccuracy, detectorMetrics as names, Totals } from '@tidewatch/api'
import { killAllChildren } from '../process/child.ts'
import type { Sender } from '../process/sender.ts'
import type { FleetOutcome, RunOutcome } from '../report/summary.ts'
import type { Cleanup } from './cleanup.ts'
import type { Findings } from './findings.ts'
import type { Notices } from './notices.ts'
import type { PipelineRun } from './pipeline-run.ts'
import { Rate } from './rate.ts'

export interface EngineOptions {
  pipelines: readonly PipelineRun[]
  /** Begins to send; called once every detector is ready. */
  startSenders: () => readonly Sender[]
  findings: Findings
  screen: Screen
  notices: Notices
  cleanup: Cleanup
  /** How long to run at most; undefined: until every fleet is complete, or for ever without one. */
  forMs: number | undefined
  /** Ctrl-C: the same way down, without waiting for much. */
  interrupted: AbortSignal
  /** Resolves when the broker that we started ends by itself. */
  brokerDied: Promise<AppError> | undefined
}

export interface EngineResult {
  outcome: RunOutcome
  endedBy: EndReason
  /** What a person should know of the end, one sentence each; not all of it is a failure. */
  remarks: string[]
}

export type EndReason = 'complete' | 'time' | 'interrupt'

/** Looks at every process and the lag so often. */
const lookIntervalMs = 1_000
/** The rest of the topic is waited for as long as anything moves, and then so long. */
const drainPatienceMs = 60_000
const drainPatienceWhenInterruptedMs = 8_000
/** Windows that close by themselves soon are waited for; others are only counted. */
const longestWindowWaitMs = 20_000

/**
 * Runs pipelines and fleets from the first start to the last figure:
 *
 *     prepare -> detectors ready -> fleets send -> fleets done -> drained -> windows closed -> detectors stopped -> outcome
 *
 * Whatever it has started is in `cleanup` as well, for the way down after an error.
 *
 * @returns undefined when it was interrupted before the fleets began.
 */
export async function runEngine(options: EngineOptions): Promise<EngineResult | undefined> {
  const engine = new Engine(options)
  return engine.run()
}

class Engine {
  readonly #options: EngineOptions
  readonly #sentRate = new Rate()
  readonly #remarks: string[] = []
  readonly #watching = new AbortController()
  readonly #failing = Promise.withResolvers<never>()
  #senders: readonly Sender[] = []
  #failure: Error | undefined
  #phase = 'starting'
  #startedAtMs = Date.now()

  constructor(options: EngineOptions) {
    this.#options = options
    this.#failing.promise.catch(() => {})
  }

  async run(): Promise<EngineResult | undefined> {
    const { pipelines, cleanup, screen, interrupted, findings } = this.#options
    cleanup.add('stop watching', () => this.#watching.abort())
    findings.onAnomaly((anomaly) => screen.anomaly(anomaly))
    for (const pipeline of pipelines) cleanup.add(`stop the pipeline ${pipeline.config.pipeline.name}`, () => pipeline.close())
    void this.#options.brokerDied?.then((error) => {
      this.#fail(error)
      // Without a broker every orderly way down would only wait for it.
      killAllChildren()
      cleanup.hurry()
    })
    for (const { pool } of pipelines) pool.failed.catch((error: Error) => this.#fail(error))
    await this.#unlessFailed(Promise.all(pipelines.map((pipeline) => pipeline.prepare())))
    await this.#unlessFailed(Promise.all(pipelines.map((pipeline) => pipeline.start(interrupted))))

    // Nothing was sent, so there is nothing to tell.
    if (interrupted.aborted) return undefined
    this.#senders = this.#options.startSenders()
    this.#startedAtMs = Date.now()
    this.#phase = 'running'
    for (const sender of this.#senders) {
      cleanup.add(`stop the fleet ${sender.fleet}`, () => sender.stop())
      sender.done.catch((error: Error) => this.#fail(error))
    }
    const watching = this.#watch()
    const endedBy = await this.#waitForEnd()
    const fleets = await this.#unlessFailed(this.#stopSenders())
    const durationMs = await this.#drain()
    await this.#waitForWindows()
    this.#watching.abort()
    await this.#unlessFailed(watching)
    this.#phase = 'stopping'
    screen.show(this.#view())
    const missed = await this.#unlessFailed(Promise.all(pipelines.map((pipeline) => pipeline.finish(Date.now()))))
    screen.close()
    return {
      outcome: { pipelines: pipelines.map((pipeline) => pipeline.outcome()), fleets, durationMs, anomalies: findings.latest },
      endedBy,
      remarks: [...this.#remarks, ...missed.flat()],
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#failing.reject(this.#failure)
    this.#watching.abort()
  }

  /** What waits for Kafka may wait long after Kafka is gone. */
  #unlessFailed<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#failing.promise])
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Until everything is sent, the time is over, somebody stops it, or something fails. */
  async #waitForEnd(): Promise<EndReason> {
    const { forMs, interrupted } = this.#options
    const over = AbortSignal.any([interrupted, this.#watching.signal])
    const complete = this.#senders.length === 0 ? new Promise<never>(() => {}) : Promise.allSettled(this.#senders.map(({ done }) => done))
    const time = forMs === undefined ? over : AbortSignal.any([over, AbortSignal.timeout(forMs)])
    const endedBy = await Promise.race([complete.then((): EndReason => 'complete'), aborted(time).then((): EndReason => (interrupted.aborted ? 'interrupt' : 'time'))])
    this.#throwIfFailed()
    return endedBy
  }

  async #stopSenders(): Promise<FleetOutcome[]> {
    this.#phase = 'stopping fleets'
    await Promise.all(this.#senders.map((sender) => sender.stop()))
    const reports = await Promise.all(this.#senders.map(async ({ fleet, topic, done }) => ({ name: fleet, topic, ...(await done) })))
    return mergeShards(reports)
  }

  /** Waits until everything that lay there when the fleets ended is processed and committed; gives the duration until then. */
  async #drain(): Promise<number> {
    const { pipelines, interrupted } = this.#options
    this.#phase = 'draining'
    const sinceMs = Date.now()
    const patience = { consumed: -1, movedAtMs: sinceMs }
    // Without a fleet of ours there is no end to wait for: somebody else may go on writing.
    while (this.#senders.length > 0 && !pipelines.every((pipeline) => pipeline.hasReachedEndSince(sinceMs))) {
      this.#throwIfFailed()
      const consumed = pipelines.reduce((sum, { progress }) => sum + progress.consumed, 0)
      if (consumed !== patience.consumed) Object.assign(patience, { consumed, movedAtMs: Date.now() })
      const isLate = interrupted.aborted ? Date.now() - sinceMs > drainPatienceWhenInterruptedMs : Date.now() - patience.movedAtMs > drainPatienceMs
      if (isLate) break
      await systemClock.sleep(100)
    }
    const waiting = pipelines.reduce((sum, { progress }) => sum + progress.lag, 0)
    if (waiting > 0) this.#remarks.push(interrupted.aborted || this.#senders.length === 0 ? `Stopped before everything was processed: ${waiting} readings are still waiting.` : `Nothing moved for ${drainPatienceMs / 1_000} s: ${waiting} readings are still waiting.`)
    return Date.now() - this.#startedAtMs
  }

  async #waitForWindows(): Promise<void> {
    const { pipelines, interrupted } = this.#options
    const waitMs = Math.max(0, ...pipelines.map(({ config }) => computeClosingTime(config)).filter((ms) => ms <= longestWindowWaitMs))
    const deadline = Date.now() + waitMs
    this.#phase = 'closing windows'
    while (Date.now() < deadline && !interrupted.aborted && pipelines.some((pipeline) => pipeline.view().openWindows > 0)) {
      this.#throwIfFailed()
      await systemClock.sleep(200, interrupted)
    }
  }

  /** Looks at everything once a second and shows it, until told to end. */
  async #watch(): Promise<void> {
    const { screen, pipelines } = this.#options
    const { signal } = this.#watching
    const showing = setInterval(() => screen.show(this.#view()), screen.intervalMs)
    signal.addEventListener('abort', () => clearInterval(showing))
    while (!signal.aborted) {
      const nowMs = Date.now()
      await Promise.all([...pipelines.map((pipeline) => pipeline.look(nowMs)), ...this.#senders.map((sender) => sender.scrape())])
      this.#sentRate.look(nowMs, this.#sentSoFar())
      if (!signal.aborted) for (const pipeline of pipelines) pipeline.scale(nowMs)
      await systemClock.sleep(Math.max(50, lookIntervalMs - (Date.now() - nowMs)), signal)
    }
  }

  #sentSoFar(): number {
    return this.#senders.reduce((sum, sender) => sum + sender.sentSoFar(), 0)
  }

  #view(): LiveView {
    const { pipelines, forMs, findings } = this.#options
    const totals = Totals.merge(pipelines.map((pipeline) => pipeline.totals()))
    const deadLetters: Record<string, number> = {}
    for (const { config } of pipelines) {
      for (const [reason, count] of Object.entries(findings.deadLetters(config.pipeline.name))) deadLetters[reason] = (deadLetters[reason] ?? 0) + count
    }
    const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0)
    return {
      elapsedMs: Date.now() - this.#startedAtMs,
      totalMs: forMs,
      phase: this.#phase,
      sent: this.#senders.length === 0 ? undefined : { total: this.#sentSoFar(), perSecond: this.#sentRate.perSecond() ?? 0 },
      processed: {
        total: Math.max(0, pipelines.reduce((sum, { progress }) => sum + progress.consumed, 0) - dead),
        perSecond: pipelines.reduce((sum, { processedPerSecond }) => sum + processedPerSecond, 0),
      },
      pipelines: pipelines.map((pipeline) => pipeline.view()),
      windows: totals.sum(names.windows),
      anomalies: pipelines.reduce((sum, { config }) => sum + findings.anomalies(config.pipeline.name), 0),
      late: totals.sum(names.late),
      deadLetters,
      accuracy: computeAccuracy(totals),
      latest: findings.latest.slice(-20).reverse(),
      notices: this.#options.notices.latest,
    }
  }
}

/**
 * How long after the last reading every window is closed: event time then passes like wall time, once the partition
 * has been idle for long enough.
 */
function computeClosingTime({ window, idleTimeoutMs, allowedLatenessMs }: DetectorConfig): number {
  const spanMs = window.kind === 'none' ? -Infinity : window.kind === 'session' ? window.gapMs : window.sizeMs
  return spanMs === -Infinity ? 0 : Math.max(idleTimeoutMs, spanMs + allowedLatenessMs) + 2_000
}

/** A fleet of several shards is one fleet to whoever reads the summary. */
function mergeShards(reports: readonly FleetOutcome[]): FleetOutcome[] {
  const byName = new Map<string, FleetOutcome>()
  for (const report of reports) {
    const known = byName.get(report.name)
    if (known === undefined) {
      byName.set(report.name, { ...report, injected: { ...report.injected } })
      continue
    }
    known.sent += report.sent
    known.sendErrors += report.sendErrors
    for (const [kind, count] of Object.entries(report.injected)) known.injected[kind] = (known.injected[kind] ?? 0) + count
  }
  return [...byName.values()]
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
