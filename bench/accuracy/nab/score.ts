/**
 * The scorer of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015), from its formulas; algorithms.md 7.
 *
 *     rows       p p p p . . . . [ w w w w ] . . . .      p: probation, not looked at    w: labelled window
 *     flagged                    ^   ^   ^    ^
 *     counts                     best one     less bad the nearer to the window before it
 */

/** How much a found window, a false alarm and a missed window weigh. */
export interface Profile {
  name: 'standard' | 'rewardLowFP' | 'rewardLowFN'
  found: number
  falseAlarm: number
  missed: number
}

export const profiles: readonly Profile[] = [
  { name: 'standard', found: 1, falseAlarm: 0.11, missed: 1 },
  { name: 'rewardLowFP', found: 1, falseAlarm: 0.22, missed: 1 },
  { name: 'rewardLowFN', found: 1, falseAlarm: 0.11, missed: 2 },
]

/** A labelled window of rows; both ends belong to it. */
export interface RowWindow {
  first: number
  last: number
}

/** Scores of one series beside its windows, which are in order and do not overlap. */
export interface ScoredSeries {
  /** One per row; NaN is never flagged. */
  scores: Float64Array
  windows: readonly RowWindow[]
}

/** What flagging one row brings: in a window its part of the window's credit, outside a share of a false alarm. */
export interface RowWorth {
  score: number
  /** Number of the window over the whole corpus; -1 outside. */
  window: number
  /** In a window in (0, 1], outside in [-1, 0]. */
  worth: number
}

const sigmoid = (y: number): number => (y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1)
const earliest = sigmoid(-1)

/** Rows at the start of a series that a detector may learn from unjudged. */
export const probationOf = (rows: number): number => Math.min(Math.floor(0.15 * rows), 750)

/** The worth of each row that is judged. */
export function computeWorths(corpus: readonly ScoredSeries[]): { rows: RowWorth[]; windows: number } {
  const rows: RowWorth[] = []
  let numbered = 0
  for (const { scores, windows } of corpus) {
    let next = 0
    for (let i = 0; i < scores.length; i++) {
      while (next < windows.length && windows[next]!.last < i) next++
      if (i < probationOf(scores.length)) continue
      rows.push({ score: scores[i]!, ...worthOf(i, windows[next], windows[next - 1], numbered + next) })
    }
    numbered += windows.length
  }
  return { rows, windows: numbered }
}

function worthOf(row: number, next: RowWindow | undefined, previous: RowWindow | undefined, number: number): { window: number; worth: number } {
  if (next !== undefined && row >= next.first) {
    const width = next.last - next.first + 1
    return { window: number, worth: sigmoid(-(next.last - row + 1) / width) / earliest }
  }
  if (previous === undefined) return { window: -1, worth: -1 }
  // A window of one row has no width to measure by: what follows it is as bad as anywhere.
  return { window: -1, worth: previous.last === previous.first ? -1 : sigmoid((row - previous.last) / (previous.last - previous.first)) }
}

/** What a threshold brings: a row is flagged from this score on. */
export interface ThresholdScore {
  /** 100: every window found at its start and nothing else flagged; 0: nothing flagged. */
  score: number
  threshold: number
}

/** The score with the best threshold of all, "flag nothing" (an infinite one) included. */
export function findBestThreshold(rows: readonly RowWorth[], windows: number, profile: Profile): ThresholdScore {
  const sorted = rows.filter(({ score }) => !Number.isNaN(score)).sort((a, b) => b.score - a.score)
  const found = new Map<number, number>()
  let raw = -windows * profile.missed
  let best: ThresholdScore = { score: normalise(raw, windows, profile), threshold: Infinity }
  for (let i = 0; i < sorted.length; i++) {
    const { score, window, worth } = sorted[i]!
    if (window < 0) raw += profile.falseAlarm * worth
    else {
      const before = found.get(window)
      if (before === undefined) raw += profile.missed + profile.found * worth
      else if (worth > before) raw += profile.found * (worth - before)
      if (before === undefined || worth > before) found.set(window, worth)
    }
    // Rows of one score are flagged together.
    if (sorted[i + 1]?.score === score) continue
    const normalised = normalise(raw, windows, profile)
    if (normalised > best.score) best = { score: normalised, threshold: score }
  }
  return best
}

/** The score with a given threshold. */
export function scoreAt(rows: readonly RowWorth[], windows: number, profile: Profile, threshold: number): number {
  const found = new Map<number, number>()
  let raw = 0
  for (const { score, window, worth } of rows) {
    if (!(score >= threshold)) continue
    if (window < 0) raw += profile.falseAlarm * worth
    else found.set(window, Math.max(worth, found.get(window) ?? 0))
  }
  for (const worth of found.values()) raw += profile.found * worth
  return normalise(raw - (windows - found.size) * profile.missed, windows, profile)
}

/** NaN for a corpus without a window: it has no scale. */
function normalise(raw: number, windows: number, { found, missed }: Profile): number {
  return (100 * (raw + windows * missed)) / (windows * (found + missed))
}
