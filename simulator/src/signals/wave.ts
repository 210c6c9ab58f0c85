const weekMs = 7 * 24 * 3_600_000

/** A wave of a day has its height at 15:00 UTC, one of another length as far into its period. */
const dailyPhase = 0.375

/** The week's height is on Wednesday at noon, UTC (the epoch was a Thursday). */
const weeklyPhase = 6.5 / 7 - 0.25

/**
 * The part of a signal that comes and goes with day and week. All devices share its phase but for a small
 * `shift` of their own.
 *
 * @param shift share of the period by which this device runs late.
 */
export function waveAt(signal: { amplitude: number; periodMs: number; weeklyAmplitude: number }, timeMs: number, shift: number): number {
  const { amplitude, periodMs, weeklyAmplitude } = signal
  let value = 0
  if (amplitude !== 0) value = amplitude * Math.sin(2 * Math.PI * ((timeMs % periodMs) / periodMs - dailyPhase - shift))
  if (weeklyAmplitude !== 0) value += weeklyAmplitude * Math.sin(2 * Math.PI * ((timeMs % weekMs) / weekMs - weeklyPhase))
  return value
}
