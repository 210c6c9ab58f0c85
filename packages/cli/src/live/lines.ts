import type { Anomaly } from '../run/anomaly.ts'
import { formatCauses, formatClock, formatCount, formatMoment, formatReasons, formatScore, formatShare, formatTruth } from './format.ts'
import type { LiveView } from './view.ts'

/** The live table's numbers in one line, for a log. */
export function renderLine(view: LiveView): string {
  const { elapsedMs, phase, sent, processed, pipelines, anomalies, late, deadLetters, accuracy } = view
  const lag = pipelines.some((one) => one.lag === undefined) ? '?' : formatCount(pipelines.reduce((sum, one) => sum + (one.lag ?? 0), 0))
  const keys = pipelines.reduce((sum, one) => ({ warming: sum.warming + one.keys.warming, active: sum.active + one.keys.active }), { warming: 0, active: 0 })
  const detection = [
    `processed ${formatCount(processed.total)} (${formatCount(processed.perSecond)}/s)`,
    `lag ${lag}`,
    `open windows ${formatCount(pipelines.reduce((sum, one) => sum + one.openWindows, 0))}`,
    keys.warming === 0 ? `keys ${formatCount(keys.active)}` : `Warming ${formatCount(keys.active)}/${formatCount(keys.warming + keys.active)} keys`,
    `detectors ${pipelines.reduce((sum, one) => sum + one.detectors.running, 0)}`,
    `anomalies ${formatCount(anomalies)}`,
    `late ${formatCount(late)}`,
    `dead letters ${formatReasons(deadLetters)}`,
    ...(accuracy === undefined ? [] : [`precision ${formatShare(accuracy.precision)}`, `recall ${formatShare(accuracy.recall)}`]),
  ]
  const sending = sent === undefined ? [] : [`sent ${formatCount(sent.total)} (${formatCount(sent.perSecond)}/s)`]
  return `${formatClock(elapsedMs)} ${phase}: ${[...sending, ...(pipelines.length === 0 ? [] : detection)].join(', ')}`
}

/** One anomaly in one line; `namesPipeline` where there are several that may have found it. */
export function renderAnomaly(anomaly: Anomaly, namesPipeline = false): string {
  const subject = anomaly.metric === '' ? anomaly.device : `${anomaly.device} ${anomaly.metric}`
  const score = formatScore(anomaly)
  const finder = namesPipeline ? ` (${anomaly.pipeline})` : ''
  return `anomaly${finder} ${formatMoment(anomaly.windowEnd)} ${subject}: score ${score}, ${formatCauses(anomaly, 72)}, truth ${formatTruth(anomaly)}`
}

/** Lets the first few lines of an interval through and counts the others. */
export class LineLimit {
  readonly #most: number
  #shown = 0
  #hidden = 0

  constructor(most: number) {
    this.#most = most
  }

  allow(): boolean {
    if (this.#shown < this.#most) {
      this.#shown++
      return true
    }
    this.#hidden++
    return false
  }

  /** How many were held back since the last time; begins a new interval. */
  reset(): number {
    const hidden = this.#hidden
    this.#shown = 0
    this.#hidden = 0
    return hidden
  }
}
