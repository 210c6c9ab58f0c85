import type { ResolvedProfile, ResolvedSignal } from '@tidewatch/api'
import { FleetInvalid } from '../errors.ts'

/** A signal with everything worked out that does not change from reading to reading. */
export interface PlannedSignal extends Omit<ResolvedSignal, 'correlation' | 'limits'> {
  /** What one unit of a fault's magnitude is worth: the noise's deviation, or 1 % of the base (at least of 1) for a signal without noise. */
  sigma: number
  /** Index of the earlier signal that this one's noise follows; -1: none. */
  follows: number
  coefficient: number
  /** sqrt(1 - coefficient^2): the share of the noise that is the signal's own. */
  residual: number
  min: number
  max: number
}

export interface PlannedCategory {
  name: string
  values: string[]
  weights: number[]
}

export interface PlannedProfile {
  name: string
  weight: number
  signals: PlannedSignal[]
  categories: PlannedCategory[]
}

/** @throws FleetInvalid when a signal follows one that is not named before it, or two have the same name. */
export function planProfile(profile: ResolvedProfile): PlannedProfile {
  const names = [...profile.signals.map(({ name }) => name), ...profile.categories.map(({ name }) => name)]
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new FleetInvalid(`Profile "${profile.name}" has "${repeated}" twice: give every signal and category its own name`)
  return {
    name: profile.name,
    weight: profile.weight,
    signals: profile.signals.map((signal, index) => planSignal(profile, signal, index)),
    categories: profile.categories.map(({ name, values }) => ({ name, values: values.map(({ value }) => value), weights: values.map(({ weight }) => weight) })),
  }
}

function planSignal(profile: ResolvedProfile, signal: ResolvedSignal, index: number): PlannedSignal {
  const { correlation, limits, ...own } = signal
  const follows = correlation === undefined ? -1 : profile.signals.findIndex(({ name }) => name === correlation.with)
  if (correlation !== undefined && (follows === -1 || follows >= index)) {
    throw new FleetInvalid(`Signal "${signal.name}" of profile "${profile.name}" is correlated with "${correlation.with}", which is no signal named before it`)
  }
  const coefficient = correlation?.coefficient ?? 0
  return {
    ...own,
    sigma: signal.noise > 0 ? signal.noise : 0.01 * Math.max(1, Math.abs(signal.base)),
    follows,
    coefficient,
    residual: Math.sqrt(1 - coefficient * coefficient),
    min: limits?.min ?? -Infinity,
    max: limits?.max ?? Infinity,
  }
}
