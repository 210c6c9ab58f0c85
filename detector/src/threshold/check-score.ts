/** @throws RangeError for NaN or a negative number: `Score.value` is never one. */
export function checkScore(score: number): void {
  if (!(score >= 0)) throw new RangeError(`a score is a number from 0 on, not ${score}`)
}
