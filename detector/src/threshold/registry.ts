import { falseAlarmRate } from './false-alarm-rate.ts'
import { fixedScore } from './fixed-score.ts'
import type { ThresholdFactory } from './threshold.ts'

/** Every way to judge a score, under its name in the manifest, made from the number given there. */
export const thresholdFactories: { readonly [Mode in 'score' | 'falseAlarmRate']: (value: number) => ThresholdFactory } = {
  score: (value) => fixedScore(value),
  falseAlarmRate: (value) => falseAlarmRate(value),
}
