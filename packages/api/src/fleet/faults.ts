import * as z from 'zod'
import { duration, positiveDuration } from '../duration.ts'
import { exactlyOneOf, withRules } from '../rules.ts'
import { text } from '../text.ts'

/** What can go wrong with a simulated device. */
export const faultKinds = ['spike', 'drift', 'stuck', 'noise', 'dropout', 'clockSkew', 'duplicate', 'outOfOrder', 'flood'] as const
export type FaultKind = (typeof faultKinds)[number]

/** The kinds that change values, and so can be seen in a window's features. */
export const valueFaultKinds = ['spike', 'drift', 'stuck', 'noise'] as const satisfies readonly FaultKind[]

/** The header that every record sent under a fault carries, with the kind as its value. */
export const faultHeader = 'tidewatch-fault'

/** What `magnitude` means for each kind, and its default. */
export const defaultMagnitude: Record<FaultKind, number> = {
  spike: 8,
  drift: 8,
  stuck: 1,
  noise: 5,
  dropout: 1,
  clockSkew: 600,
  duplicate: 1,
  outOfOrder: 3,
  flood: 10,
}

const selector = withRules(
  z.strictObject({
    devices: z.array(text(1, 249)).min(1).max(10_000).optional().describe('These devices.'),
    share: z.number().gt(0).max(1).optional().describe('This share of the devices, chosen by the seed.'),
    probability: z.number().gt(0).max(1).optional().describe('Each device with this probability at each repetition, drawn by the seed.'),
    signals: z.array(text(1, 128)).min(1).max(64).optional().describe('Only these signals. Default: all.'),
  }),
  exactlyOneOf('devices', 'share', 'probability'),
)

export const fault = z.strictObject({
  kind: z.enum(faultKinds).describe('spike: readings far off. drift: a slow ramp away. stuck: the same value. noise: more scatter. dropout: readings missing. clockSkew: event times shifted. duplicate: records sent twice. outOfOrder: records sent late. flood: many more readings.'),
  selector: selector.describe('Which devices and signals.'),
  start: duration().default('0s').describe('Event time after the fleet\'s start. Default: 0s.'),
  duration: positiveDuration().default('60s').describe('How long it lasts, in event time. Default: 60s.'),
  every: positiveDuration().optional().describe('Repeat with this period. Default: once.'),
  magnitude: z
    .number()
    .gt(0)
    .max(1e9)
    .optional()
    .describe('spike, drift (at its end): standard deviations of the signal\'s noise (8). noise: factor on the noise (5). dropout, duplicate: share of readings (1). clockSkew: seconds ahead (600). outOfOrder: seconds late at most (3). flood: factor on the rate (10). stuck: unused.'),
})

export const faults = z.array(fault).max(64).default([]).describe('Faults to inject; every record sent under one carries the header tidewatch-fault. Default: none.')

export type FaultSpec = z.infer<typeof fault>
