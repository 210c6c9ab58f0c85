/**
 * The curve that a `log` feature is bent by before its scatter is measured. With r = (x + floor)/(reference + floor):
 *
 *     y = (r^(2/3) - 1)/(2/3)  [or ln r, where the feature spreads over more than a factor]   + min(0, ln(r/0.05))
 *
 * The power is Wilson and Hilferty's: it makes a standard deviation or a range of as few as six readings nearly
 * normal (a logarithm would leave a long tail towards 0, and with it false alarms: P(s < 0.1 sd) is 3e-5 for six
 * readings and still 6 deviations away). The second term is what sends 0 far away: only a value under a twentieth
 * of the usual one gets it (P is 9e-7 for six readings), and 0 itself ends at -5.4, a stuck sensor.
 *
 * Reference: Wilson and Hilferty 1931, "The distribution of chi-square", PNAS 17:684.
 */
export const spreadPower = 2 / 3
/** For what spreads widely (flow sizes, counts of bursts): the logarithm. */
export const logPower = 0

const vanishing = 0.05
const floorShare = 1e-3

/** @param power `spreadPower` or `logPower`.  @param x taken as 0 when negative. */
export function bend(x: number, reference: number, power: number): number {
  const floor = reference * floorShare
  const r = (Math.max(0, x) + floor) / (reference + floor)
  const y = power === logPower ? Math.log(r) : (Math.pow(r, power) - 1) / power
  return r < vanishing ? y + Math.log(r / vanishing) : y
}

/** The x of a y: the inverse of `bend`, never negative. */
export function unbend(y: number, reference: number, power: number): number {
  const floor = reference * floorShare
  return Math.max(0, ratioOf(y, power) * (reference + floor) - floor)
}

function ratioOf(y: number, power: number): number {
  const atVanishing = power === logPower ? Math.log(vanishing) : (Math.pow(vanishing, power) - 1) / power
  if (y >= atVanishing) return power === logPower ? Math.exp(y) : Math.pow(1 + power * y, 1 / power)
  if (power === logPower) return Math.exp((y + Math.log(vanishing)) / 2)
  // Below it the power term lies in [-1.5, -1.3], so that halving on ln r closes in on the sum of both.
  let low = y + Math.log(vanishing)
  let high = Math.log(vanishing)
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    const value = (Math.exp(power * middle) - 1) / power + middle - Math.log(vanishing)
    if (value < y) low = middle
    else high = middle
  }
  return Math.exp((low + high) / 2)
}
