import { gaussian, mulberry32 } from '@tidewatch/kit'

/** What a device without faults may be like. */
export const normalKinds = ['stationary', 'seasonal', 'drifting'] as const
export type NormalKind = (typeof normalKinds)[number]

/** Deviations of the noise. */
const dailyAmplitude = 8
/** Standard deviation of the level's steps in an hour, in deviations of the noise: 2.4 in a day. */
const hourlyWalk = 0.5

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * The readings of one device, one after the other, without any fault:
 *
 *     stationary   level + noise
 *     seasonal     level + 8 sin(2 pi t/day + phase) + noise
 *     drifting     level(t) + noise       a random walk that strays by 0.5 in an hour
 *
 * in deviations of the noise, which is normal and 1. Level and phase are the device's own.
 *
 * @param everyMs between two readings.
 */
export function normalReadings(kind: NormalKind, { seed, everyMs }: { seed: number; everyMs: number }): () => number {
  const uniform = mulberry32(seed)
  let level = 50 + 10 * gaussian(uniform)
  const phase = 2 * Math.PI * uniform()
  const step = hourlyWalk * Math.sqrt(everyMs / hourMs)
  let timeMs = 0
  return () => {
    if (kind === 'drifting') level += step * gaussian(uniform)
    const season = kind === 'seasonal' ? dailyAmplitude * Math.sin((2 * Math.PI * timeMs) / dayMs + phase) : 0
    timeMs += everyMs
    return level + season + gaussian(uniform)
  }
}
