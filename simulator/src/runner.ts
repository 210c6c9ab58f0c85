import type { SimulatorConfig } from '@tidewatch/api'
import { nextTurn, systemClock, type Clock, type Logger } from '@tidewatch/kit'
import type { RecordSink } from '@tidewatch/kafka'
import { Dispatcher } from './dispatcher.ts'
import { portionsOf, type Feed } from './feed.ts'
import type { SimulatedRecord } from './record.ts'
import type { RowProblem } from './replay/row.ts'
import { openReplay } from './replay/replay.ts'
import { createSimulation } from './scenario.ts'

/** How a run went; the content of the report file. */
export interface SimulationReport {
  /** Records acknowledged. */
  sent: number
  sendErrors: number
  /** Records sent under each kind of fault, or with each label of a recording. */
  injected: Record<string, number>
  /** Records acknowledged in a second, over the whole run. */
  achievedRate: number
  /** Wall clock. */
  durationMs: number
  /** Rows of a recording that could not be used. */
  skippedRows: number
  /** What ended the run, in one sentence; left out where it ended in order. */
  error?: string
}

export interface SimulationProgress extends SimulationReport {
  activeDevices: number
  /** Records acknowledged in a second, since the last progress. */
  currentRate: number
}

export interface RunOptions {
  config: SimulatorConfig
  /** From 0; default 0. */
  shard?: number
  sink: RecordSink
  clock?: Clock
  /** Ends the run early, in order: what is on its way is waited for. */
  signal?: AbortSignal
  /** Called about once a second, and at the end. */
  onProgress?: (progress: SimulationProgress) => void
  log?: Logger
}

const progressEveryMs = 1_000

/** A sink that answers at once would keep signals and timers from ever being seen. */
const batchesPerTurn = 16

/**
 * Sends a fleet's records at their time until it ends or the signal aborts. It resolves with the report when
 * everything sent was acknowledged.
 *
 * Time is the wall clock: a run that cannot keep up sends as fast as the sink takes it, in full batches, and
 * makes up for the delay as soon as it can. At most two batches are in memory beside the one on its way.
 *
 * Records of a batch that the sink refuses are counted as errors and not sent again (the sink has tried long
 * enough); an error that can never pass, such as a missing topic, ends the run.
 *
 * @throws FleetInvalid, RecordingInvalid before the first record is sent, and whatever ended the run.
 */
export async function runSimulation(options: RunOptions): Promise<SimulationReport> {
  const { config, shard = 0, sink, clock = systemClock, signal, onProgress, log } = options
  const startedMs = clock.now()
  const problems = createProblemLog(log)
  const feed = await openFeed(config, shard, startedMs, problems.add)
  const dispatcher = new Dispatcher({ config, sink, log })
  const pacer = new Pacer(feed)
  let lastProgressMs = startedMs
  let lastSent = 0

  const report = (): SimulationReport => {
    const durationMs = clock.now() - startedMs
    const { sent, sendErrors, injected } = dispatcher
    return { sent, sendErrors, injected: { ...injected }, achievedRate: durationMs > 0 ? (sent * 1_000) / durationMs : 0, durationMs, skippedRows: problems.count() }
  }
  const tellProgress = (nowMs: number) => {
    const elapsedMs = nowMs - lastProgressMs
    const currentRate = elapsedMs > 0 ? ((dispatcher.sent - lastSent) * 1_000) / elapsedMs : 0
    lastProgressMs = nowMs
    lastSent = dispatcher.sent
    onProgress?.({ ...report(), activeDevices: feed.activeDevicesAt(pacer.dueMs), currentRate })
  }

  let batch: SimulatedRecord[] = []
  let openedMs = 0
  let batches = 0
  try {
    while (signal?.aborted !== true) {
      const nowMs = clock.now()
      if (nowMs - lastProgressMs >= progressEveryMs) tellProgress(nowMs)
      if (batch.length === 0) openedMs = nowMs
      await pacer.fill(batch, config.batchSize, nowMs)
      const isOver = pacer.isOver
      if (batch.length >= config.batchSize || (batch.length > 0 && (isOver || nowMs >= openedMs + config.lingerMs))) {
        await dispatcher.dispatch(batch)
        batch = []
        if (++batches % batchesPerTurn === 0) await nextTurn()
        continue
      }
      if (isOver) break
      const wakeMs = Math.min(pacer.nextWallMs, batch.length > 0 ? openedMs + config.lingerMs : Infinity, lastProgressMs + progressEveryMs)
      await clock.sleep(Math.max(1, Math.ceil(wakeMs - nowMs)), signal)
    }
    if (batch.length > 0) await dispatcher.dispatch(batch)
    await dispatcher.finish()
  } finally {
    await pacer.close()
    // Also of a run that failed: what was acknowledged until then is in the topic.
    tellProgress(clock.now())
  }
  return report()
}

async function openFeed(config: SimulatorConfig, shard: number, nowMs: number, onProblem: (problem: RowProblem) => void): Promise<Feed> {
  if ('replay' in config.devices) return openReplay(config, { shard, nowMs, onProblem })
  const simulation = createSimulation(config, { shard, nowMs })
  return { portions: portionsOf(simulation), wallTimeOf: simulation.wallTimeOf, activeDevicesAt: simulation.activeDevicesAt }
}

/** Hands out a feed's records when their time has come. */
class Pacer {
  /** When the next record may be sent. */
  nextWallMs = -Infinity
  isOver = false
  /** Event time of the latest record handed out. */
  dueMs = -Infinity
  readonly #feed: Feed
  readonly #iterator: Iterator<readonly SimulatedRecord[]> | AsyncIterator<readonly SimulatedRecord[]>
  #portion: readonly SimulatedRecord[] = []
  #position = 0

  constructor(feed: Feed) {
    this.#feed = feed
    const { portions } = feed
    this.#iterator = Symbol.asyncIterator in portions ? portions[Symbol.asyncIterator]() : portions[Symbol.iterator]()
  }

  /** Appends to `batch` what is due, up to `size`. */
  async fill(batch: SimulatedRecord[], size: number, nowMs: number): Promise<void> {
    while (batch.length < size && !this.isOver) {
      if (this.#position === this.#portion.length && !(await this.#refill())) return
      const record = this.#portion[this.#position]!
      this.nextWallMs = this.#feed.wallTimeOf(record.dueMs)
      if (this.nextWallMs > nowMs) return
      this.#position++
      this.dueMs = record.dueMs
      batch.push(record)
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }

  async #refill(): Promise<boolean> {
    const next = await this.#iterator.next()
    this.isOver = next.done === true
    this.#portion = next.done === true ? [] : next.value
    this.#position = 0
    return !this.isOver
  }
}

/** Counts rows that were passed over, and tells of the first of each kind. */
function createProblemLog(log: Logger | undefined): { add: (problem: RowProblem) => void; count: () => number } {
  const counts = new Map<string, number>()
  return {
    add({ kind, line, problem }) {
      const count = counts.get(kind) ?? 0
      if (count === 0) log?.warn({ line, problem, kind }, 'Skipped a row of the recording; more of its kind are only counted')
      counts.set(kind, count + 1)
    },
    count: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
  }
}
