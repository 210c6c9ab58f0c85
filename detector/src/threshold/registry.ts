import { falseAlarmRate } from './false-alarm-rate.ts'
import { fixedScore } from './fixed-score.ts'
import { quantile } from './quantile.ts'
import type { ThresholdFactory } from './threshold.ts'

/** Every way to judge a score, under its name in the manifest, made from the number given there. */
export const thresholdFactories: { readonly [Mode in 'score' | 'quantile' | 'falseAlarmRate']: (value: number) => ThresholdFactory } = {
  score: (value) => fixedScore(value),
  quantile: (value) => quantile(value),
  falseAlarmRate: (value) => falseAlarmRate(value),
}
