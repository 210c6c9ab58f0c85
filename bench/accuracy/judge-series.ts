import { anomalousWeight } from '@tidewatch/detector'
import type { Scored, Series } from './contender.ts'

/** As much of a detection model as a series needs: ours have it, baselines are written to it. */
export interface SeriesModel {
  score(x: Float64Array): { value: number } | undefined
  learn(x: Float64Array, weight: number): void
}

/** As much of a threshold: what it says is asked before it sees the score. */
export interface SeriesThreshold {
  limit(): number | undefined
  observe(score: number): void
}

/**
 * Judges a series as the detector judges readings without a window (`verdict/judge.ts`): score, compare, then let threshold and model learn,
 * the model less from what it called an anomaly. Where rows are given for training these are all that is learned: such a benchmark measures
 * what a model knows of them.
 *
 * @param warmUp rows that are learned unjudged where none are given for training.
 */
export function judgeSeries(series: Series, model: SeriesModel, threshold: SeriesThreshold, warmUp: number): Scored {
  const scores = new Float64Array(series.rows.length).fill(NaN)
  const flags = new Uint8Array(series.rows.length)
  series.rows.forEach((row, i) => {
    const isTraining = i < (series.training > 0 ? series.training : warmUp)
    const score = isTraining ? undefined : model.score(row)
    if (score === undefined) {
      model.learn(row, 1)
      return
    }
    const limit = threshold.limit()
    const isAnomaly = limit !== undefined && score.value > limit
    threshold.observe(score.value)
    if (series.training === 0) model.learn(row, isAnomaly ? anomalousWeight : 1)
    scores[i] = score.value
    if (isAnomaly) flags[i] = 1
  })
  return { scores, flags }
}
