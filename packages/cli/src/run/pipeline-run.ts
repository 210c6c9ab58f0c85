import { decideReplicas, formatDuration, initialScalingState, type DetectorConfig, type ScalingState, type WindowConfig } from '@tidewatch/api'
import { messageOf, type Logger } from '@tidewatch/kit'
import type { KafkaConnection, TopicAdmin } from '@tidewatch/kafka'
import type { PipelineView } from '../live/view.ts'
import { detectorMetrics as names, type Totals } from '@tidewatch/api'
import type { Child } from '../process/child.ts'
import { DetectorPool } from '../process/detector-pool.ts'
import type { PipelineOutcome } from '../report/summary.ts'
import type { Findings } from './findings.ts'
import { computeBaseline, computeProgress, type InputProgress } from './input-progress.ts'
import type { PlannedPipeline } from './plan.ts'
import { Rate } from './rate.ts'
import { TopicTail } from './topic-tail.ts'

export interface PipelineRunOptions {
  planned: PlannedPipeline
  connection: KafkaConnection
  admin: TopicAdmin
  log: Logger
  findings: Findings
  startDetector: (id: number) => Child
  notify: (text: string) => void
  /** Tells the readers of this run from those of every other one. */
  runId: string
}

/** How often the number of detectors is thought about. */
const scalingIntervalMs = 5_000
/** How long the last verdicts may take to be read. */
const reachTimeoutMs = 10_000

/** One pipeline while it runs: its detectors, how far they are, and what they write. */
export class PipelineRun {
  readonly config: DetectorConfig
  readonly pool: DetectorPool
  readonly #options: PipelineRunOptions
  readonly #rate = new Rate()
  #tails: TopicTail[] = []
  #baseline: Map<number, number> = new Map()
  #progress: InputProgress = { consumed: 0, arrived: 0, lag: 0 }
  #isLagKnown = false
  #lookedAtMs = 0
  #end: { sinceMs: number; arrived: number } | undefined
  #scaling: ScalingState = initialScalingState
  #scaledAtMs = 0
  #finalTotals: Totals | undefined

  constructor(options: PipelineRunOptions) {
    this.#options = options
    this.config = options.planned.config
    this.pool = new DetectorPool({ start: options.startDetector, notify: options.notify })
  }

  /** Remembers where everything stands and begins to watch the outputs. */
  async prepare(): Promise<void> {
    const { admin } = this.#options
    const { topic, groupId, startFrom } = this.config
    const offsets = await admin.readOffsets(topic)
    this.#baseline = computeBaseline(offsets, await admin.readCommitted(groupId, topic), startFrom)
    await this.#follow(this.config.outputs.anomalies, 'anomalies', (record) => this.#options.findings.takeAnomaly(this.config.pipeline.name, record, this.config.faultHeader))
    await this.#follow(this.config.outputs.deadLetters, 'dead-letters', (record) => this.#options.findings.takeDeadLetter(this.config.pipeline.name, record))
  }

  /** Starts the fewest detectors and waits until they have partitions, so that nothing is measured cold. */
  async start(signal: AbortSignal): Promise<void> {
    this.pool.resize(this.#options.planned.scaling.minReplicas)
    await this.pool.becomeReady(signal)
  }

  /** Looks at everything once; what cannot be read now is read the next time. */
  async look(nowMs: number): Promise<void> {
    await Promise.all([this.#readProgress(nowMs), this.pool.scrape()])
  }

  /** Starts or stops detectors by the lag rule. */
  scale(nowMs: number): void {
    if (nowMs - this.#scaledAtMs < scalingIntervalMs) return
    this.#scaledAtMs = nowMs
    const { planned, notify } = this.#options
    const replicas = this.pool.wanted
    const decision = decideReplicas(planned.scaling, this.#scaling, {
      nowMs,
      replicas,
      lag: this.#isLagKnown ? this.#progress.lag : undefined,
      processedPerSecond: this.#rate.perSecond(),
    })
    this.#scaling = decision.state
    if (decision.replicas === replicas) return
    notify(`${this.config.pipeline.name}: ${replicas} to ${decision.replicas} detectors: ${decision.reason}`)
    this.pool.resize(decision.replicas)
  }

  get progress(): InputProgress {
    return this.#progress
  }

  /** True once everything that lay in the topic at the first look after that moment is processed and committed. */
  hasReachedEndSince(sinceMs: number): boolean {
    if (!this.#isLagKnown || this.#lookedAtMs < sinceMs) return false
    if (this.#end?.sinceMs !== sinceMs) this.#end = { sinceMs, arrived: this.#progress.arrived }
    return this.#progress.consumed >= this.#end.arrived
  }

  get processedPerSecond(): number {
    return this.#rate.perSecond() ?? 0
  }

  totals(): Totals {
    return this.#finalTotals ?? this.pool.ledger.totals()
  }

  view(): PipelineView {
    const totals = this.totals()
    return {
      name: this.config.pipeline.name,
      model: this.config.model.kind,
      window: describeWindow(this.config.window),
      lag: this.#isLagKnown ? this.#progress.lag : undefined,
      openWindows: totals.sum(names.openWindows),
      keys: { warming: totals.sum(names.keys, { state: 'warming' }), active: totals.sum(names.keys, { state: 'active' }) },
      detectors: { running: this.pool.running, wanted: this.pool.wanted },
    }
  }

  /** Last look, detectors stopped, last verdicts read; gives a sentence where something is missing. */
  async finish(nowMs: number): Promise<string[]> {
    const name = this.config.pipeline.name
    await this.look(nowMs)
    this.#finalTotals = this.pool.ledger.totals()
    await this.pool.stop()
    await this.#readProgress(nowMs)
    const problems: string[] = []
    for (const tail of this.#tails) {
      const ends = await this.#readEnds(tail.topic)
      if (!(await tail.reach(ends, reachTimeoutMs))) problems.push(`${name}: not everything on ${tail.topic} could be read in time, so some figures are too small`)
    }
    return problems
  }

  /** Ends everything that belongs to the pipeline; harmless after `finish`. */
  async close(): Promise<void> {
    await this.pool.stop()
    await Promise.all(this.#tails.map((tail) => tail.close()))
    await this.#options.admin.deleteGroups(this.#tails.map(({ groupId }) => groupId)).catch(() => {})
    this.#tails = []
  }

  outcome(): PipelineOutcome {
    const { findings } = this.#options
    const { name } = this.config.pipeline
    const { peak, restarts } = this.pool.history
    return {
      name,
      topic: this.config.topic,
      totals: this.totals(),
      consumed: this.#progress.consumed,
      lag: this.#progress.lag,
      deadLetters: findings.deadLetters(name),
      anomalies: findings.anomalies(name),
      detectors: peak,
      restarts,
    }
  }

  async #follow(topic: string, what: string, take: TopicTail['take']): Promise<void> {
    const { connection, log, runId } = this.#options
    const groupId = `tidewatch-watch-${runId}-${this.config.pipeline.name}-${what}`
    this.#tails.push(new TopicTail({ connection, log, groupId, topic, from: await this.#readEnds(topic), take }))
  }

  async #readEnds(topic: string): Promise<Map<number, number>> {
    const offsets = await this.#options.admin.readOffsets(topic)
    return new Map(offsets.map(({ partition, logEndOffset }) => [partition, logEndOffset]))
  }

  async #readProgress(nowMs: number): Promise<void> {
    const { admin, log } = this.#options
    try {
      this.#progress = computeProgress(this.#baseline, await admin.readLag(this.config.groupId, this.config.topic))
      this.#isLagKnown = true
      this.#lookedAtMs = nowMs
      this.#rate.look(nowMs, this.#progress.consumed)
    } catch (error) {
      this.#isLagKnown = false
      log.warn({ pipeline: this.config.pipeline.name, reason: messageOf(error) }, 'Could not read the lag')
    }
  }
}

export function describeWindow(window: WindowConfig): string {
  switch (window.kind) {
    case 'tumbling':
      return formatDuration(window.sizeMs)
    case 'sliding':
      return `${formatDuration(window.sizeMs)} / ${formatDuration(window.slideMs)}`
    case 'session':
      return `session ${formatDuration(window.gapMs)}`
    case 'none':
      return 'none'
  }
}
