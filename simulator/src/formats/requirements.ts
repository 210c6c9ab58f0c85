import { FleetInvalid } from '../errors.ts'
import type { PlannedProfile } from '../signals/profile.ts'

/** Signals and categories, in the order of the manifest. */
export const namesOf = (profile: PlannedProfile): string[] => [...profile.signals, ...profile.categories].map(({ name }) => name)

/** @throws FleetInvalid unless the profile can be sent as one number in each message. */
export function needSignalsOnly(profile: PlannedProfile, format: string): void {
  if (profile.signals.length === 0) {
    throw new FleetInvalid(`Profile "${profile.name}" has no signals, and ${format} sends one message for each: write at least one`)
  }
  if (profile.categories.length > 0) {
    throw new FleetInvalid(`Profile "${profile.name}" has categories, which ${format} cannot say: leave them out, or write a template`)
  }
}
