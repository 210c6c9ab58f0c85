/** Scores of two classes: ROC-AUC, macro-F1 and the false-alarm rate of the benign one. */

export interface LabelledScore {
  /** NaN counts as the lowest of all. */
  score: number
  isAttack: boolean
}

/**
 * The probability that an attack scores above a benign flow; equal scores count half.
 *
 * @returns NaN when one of the classes is empty.
 */
export function computeRocAuc(rows: readonly LabelledScore[]): number {
  const sorted = rows.map(({ score, isAttack }) => ({ score: Number.isNaN(score) ? -Infinity : score, isAttack })).sort((a, b) => a.score - b.score)
  let attacks = 0
  let rankSum = 0
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (end < sorted.length && sorted[end]!.score === sorted[i]!.score) end++
    // Equal scores share the mean of their ranks.
    const rank = (i + 1 + end) / 2
    for (; i < end; i++) {
      if (!sorted[i]!.isAttack) continue
      attacks++
      rankSum += rank
    }
  }
  return (rankSum - (attacks * (attacks + 1)) / 2) / (attacks * (rows.length - attacks))
}

export interface ClassScore {
  /** Mean of the F1 of the attacks and the F1 of the benign flows: who flags everything has half of one of them. */
  macroF1: number
  benignFalseAlarmRate: number
}

export function scoreClasses(rows: readonly LabelledScore[], threshold: number): ClassScore {
  let flaggedAttacks = 0
  let attacks = 0
  let flaggedBenign = 0
  for (const { score, isAttack } of rows) {
    const isFlagged = score >= threshold
    if (isAttack) attacks++
    if (isFlagged && isAttack) flaggedAttacks++
    if (isFlagged && !isAttack) flaggedBenign++
  }
  const benign = rows.length - attacks
  const wrong = attacks - flaggedAttacks + flaggedBenign
  return {
    macroF1: (flaggedAttacks / (flaggedAttacks + wrong / 2) + (benign - flaggedBenign) / (benign - flaggedBenign + wrong / 2)) / 2,
    benignFalseAlarmRate: flaggedBenign / benign,
  }
}

/** The best macro-F1 of any threshold that is one of the scores. */
export function findBestClassScore(rows: readonly LabelledScore[]): ClassScore {
  const thresholds = new Set(rows.map(({ score }) => score).filter((score) => !Number.isNaN(score)))
  let best = scoreClasses(rows, Infinity)
  for (const threshold of thresholds) {
    const score = scoreClasses(rows, threshold)
    if (score.macroF1 > best.macroF1) best = score
  }
  return best
}
