/** Mean: the mean of the members' ln p. Consensus: the least anomalous of them, so that all must agree. */
export type EnsembleMode = 'Mean' | 'Consensus'

/**
 * One value, and each feature's part in it, of several models' calibrated values.
 *
 *     Mean        value = mean v_i ;  part_f = mean of v_i share_i,f
 *     Consensus   value = min v_i ;   part_f = value x mean of share_i,f
 *
 * with share_i,f: feature f's part in what member i said of itself; the same for all where it blames none.
 *
 * @param values none negative, at least one.
 * @param contributions of each member, as many as values; none negative.
 * @returns contributions that add up to the value.
 */
export function combine(mode: EnsembleMode, values: readonly number[], contributions: readonly Float64Array[]): { value: number; contributions: Float64Array } {
  const d = contributions[0]!.length
  const parts = new Float64Array(d)
  let sum = 0
  let least = Infinity
  for (const value of values) {
    sum += value
    if (value < least) least = value
  }
  const value = mode === 'Mean' ? sum / values.length : least
  for (let i = 0; i < values.length; i++) {
    const said = contributions[i]!
    const weight = (mode === 'Mean' ? values[i]! : least) / values.length
    let total = 0
    for (let f = 0; f < d; f++) total += said[f]!
    for (let f = 0; f < d; f++) parts[f]! += total > 0 ? weight * (said[f]! / total) : weight / d
  }
  return { value, contributions: parts }
}
