import { checkScore } from './check-score.ts'
import type { Threshold, ThresholdFactory } from './threshold.ts'
import { checkSnapshot } from './check-snapshot.ts'

const kind = 'score'
const version = 1

/**
 * The mode `score`: one number for ever; 1 is the model's own boundary.
 *
 * @param score above 0.
 * @throws RangeError for a score that is not above 0.
 */
export function fixedScore(score = 1): ThresholdFactory {
  if (!(score > 0)) throw new RangeError(`a threshold's score is above 0, not ${score}`)
  // Nothing is learned, so that one object serves every key.
  const threshold: Threshold = {
    limit: () => score,
    observe: checkScore,
    snapshot: () => ({ kind, version, state: null }),
  }
  return {
    kind,
    create: () => threshold,
    restore: (snapshot) => {
      checkSnapshot(snapshot, kind, version)
      return threshold
    },
  }
}
