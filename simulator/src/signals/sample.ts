import { gaussianAt, streams, uniformAt } from '../random.ts'
import type { PlannedProfile } from './profile.ts'
import { waveAt } from './wave.ts'

/** One reading of a device before faults, limits and rounding; reused from reading to reading. */
export interface Sample {
  /** Base, spread and waves. */
  levels: Float64Array
  /** What the noise adds to the level. */
  noises: Float64Array
  /** The noises in standard deviations. */
  scores: Float64Array
}

/** What makes a device's signals its own. */
export interface DeviceNumbers {
  keyA: number
  keyB: number
  /** Share of the period by which it runs late against the wave. */
  shift: number
  /** Its own mean of each signal, from `offset` on. */
  bases: Float64Array
  offset: number
}

export function createSample(signals: number): Sample {
  return { levels: new Float64Array(signals), noises: new Float64Array(signals), scores: new Float64Array(signals) }
}

/** Fills in the device's reading with number `counter`. */
export function sampleSignals(sample: Sample, profile: PlannedProfile, device: DeviceNumbers, counter: number, timeMs: number): void {
  const { levels, noises, scores } = sample
  const { signals } = profile
  for (let s = 0; s < signals.length; s++) {
    const signal = signals[s]!
    levels[s] = device.bases[device.offset + s]! + waveAt(signal, timeMs, device.shift)
    let score = signal.residual === 0 ? 0 : gaussianAt(device.keyA, device.keyB, counter, streams.noise + 2 * s)
    if (signal.follows !== -1) score = signal.coefficient * scores[signal.follows]! + signal.residual * score
    scores[s] = score
    noises[s] = signal.noise * score
  }
}

/** Index of the value drawn by weight; `weights` may be scaled for this draw. */
export function drawCategory(weights: readonly number[], keyA: number, keyB: number, counter: number, category: number): number {
  let total = 0
  for (const weight of weights) total += weight
  let left = uniformAt(keyA, keyB, counter, streams.category + category) * total
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return weights.length - 1
}
