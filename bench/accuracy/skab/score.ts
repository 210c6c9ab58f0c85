/**
 * The scorer of the Skoltech Anomaly Benchmark: rows pooled over all runs, and changepoints by a variant of NAB's scale that it brings
 * with it (a hyperbolic tangent over the window instead of a sigmoid, and all false alarms alike).
 */

/** Rows by truth and flag. */
export interface Confusion {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

export interface OutlierScore {
  /** Of anomalous rows; 0 when none was flagged. */
  f1: number
  /** Share of the normal rows that were flagged. */
  falseAlarmRate: number
  /** Share of the anomalous rows that were not. */
  missedAlarmRate: number
}

export function scoreOutliers({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): OutlierScore {
  return {
    f1: truePositives / (truePositives + (falsePositives + falseNegatives) / 2),
    falseAlarmRate: falsePositives / (falsePositives + trueNegatives),
    missedAlarmRate: falseNegatives / (falseNegatives + truePositives),
  }
}

/** Test rows of all runs together. */
export interface PooledRow {
  score: number
  isAnomalous: boolean
}

/** Flags from a score: a row is flagged from it on. */
export function countFlagged(rows: readonly PooledRow[], threshold: number): Confusion {
  const confusion: Confusion = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
  for (const { score, isAnomalous } of rows) {
    if (score >= threshold) confusion[isAnomalous ? 'truePositives' : 'falsePositives']++
    else confusion[isAnomalous ? 'falseNegatives' : 'trueNegatives']++
  }
  return confusion
}

/** Thresholds that are tried: so many ranks of the scores. */
const candidates = 400

/**
 * The threshold with the best F1 among those with a false-alarm rate below a limit, over ranks of the scores.
 *
 * @param scoreAt what a threshold brings.
 * @returns Infinity (nothing is flagged) when no threshold finds anything under the limit.
 */
export function findBestOutlierThreshold(scores: readonly number[], mostFalseAlarms: number, scoreAt: (threshold: number) => OutlierScore): number {
  const sorted = scores.filter((score) => !Number.isNaN(score)).sort((a, b) => a - b)
  const step = Math.max(1, sorted.length / candidates)
  let best = { f1: 0, threshold: Infinity }
  for (let rank = 0; rank < sorted.length; rank += step) {
    const threshold = sorted[Math.floor(rank)]!
    const { f1, falseAlarmRate } = scoreAt(threshold)
    if (falseAlarmRate < mostFalseAlarms && f1 > best.f1) best = { f1, threshold }
  }
  return best.threshold
}

/** One run: when it changed, and when the contender said so. Both in order. */
export interface ChangepointRun {
  changesMs: readonly number[]
  saidMs: readonly number[]
}

const windowMs = 60_000
const falseAlarm = 0.11
const steps = 1_000

/**
 * NAB's standard profile over windows of 60 s from each changepoint on. The first word in a window counts, the earlier the more; a window
 * that would begin in the one before begins at its end. 0: nothing said, 100: every change said at its row and nothing else.
 */
export function scoreChangepoints(runs: readonly ChangepointRun[]): number {
  let raw = 0
  let windows = 0
  for (const { changesMs, saidMs } of runs) {
    let endMs = -Infinity
    const spans = changesMs.map((changeMs) => {
      const span = { startMs: Math.max(changeMs, endMs), endMs: changeMs + windowMs }
      endMs = span.endMs
      return span
    })
    windows += spans.length
    for (const { startMs, endMs: end } of spans) {
      const first = saidMs.find((ms) => ms >= startMs && ms <= end)
      raw += first === undefined ? -1 : creditAt((first - startMs) / (end - startMs))
    }
    raw -= falseAlarm * saidMs.filter((ms) => !spans.some(({ startMs, endMs: end }) => ms >= startMs && ms <= end)).length
  }
  return (100 * (raw + windows)) / (2 * windows)
}

/** From 1 at the start of a window to -0.11 at its end, in the reference's thousand steps. */
function creditAt(share: number): number {
  const x = -Math.PI / 2 + (Math.PI * Math.min(Math.trunc(share * steps), steps - 1)) / (steps - 1)
  return ((1 + falseAlarm) / 2) * (-Math.tanh(x) / Math.tanh(Math.PI / 2)) + (1 + falseAlarm) / 2 - falseAlarm
}

/**
 * What is told of flags with `consecutive` in a manifest: an anomaly from the n-th flagged row in a row on, and normal from the n-th row that is not.
 *
 * @param from rows before it are not looked at, and told as normal.
 */
export function tellConsecutive(flags: ArrayLike<number>, n: number, from: number): Uint8Array {
  const told = new Uint8Array(flags.length)
  let isTold = 0
  let others = 0
  for (let i = from; i < flags.length; i++) {
    others = flags[i] === isTold ? 0 : others + 1
    if (others >= n) {
      isTold = 1 - isTold
      others = 0
    }
    told[i] = isTold
  }
  return told
}

/** A contender that flags rows says "it changed" wherever its flag does. */
export function changesOf(flags: ArrayLike<number>, timesMs: Float64Array, from: number): number[] {
  const changes: number[] = []
  for (let i = from; i < flags.length; i++) {
    if (flags[i] !== (i === from ? 0 : flags[i - 1])) changes.push(timesMs[i]!)
  }
  return changes
}
