import * as z from 'zod'
import { positiveDuration } from '../duration.ts'
import { text } from '../text.ts'

const signal = z.strictObject({
  name: text(1, 128).describe('Name of the metric.'),
  unit: text(0, 32).default('').describe('Unit, as sent. Default: none.'),
  base: z.number().min(-1e12).max(1e12).default(0).describe('Mean value. Default: 0.'),
  spread: z.number().min(0).max(1e12).default(0).describe('Standard deviation of the mean from device to device. Default: 0.'),
  amplitude: z.number().min(0).max(1e12).default(0).describe('Height of the daily wave. Default: 0.'),
  period: positiveDuration().default('24h').describe('Length of that wave. Default: 24h.'),
  weeklyAmplitude: z.number().min(0).max(1e12).default(0).describe('Height of the weekly wave. Default: 0.'),
  noise: z.number().min(0).max(1e12).default(1).describe('Standard deviation of the noise. Default: 1.'),
  correlation: z
    .strictObject({
      with: text(1, 128).describe('A signal named earlier in the profile.'),
      coefficient: z.number().min(-1).max(1).describe('Correlation of the two noises.'),
    })
    .optional()
    .describe('Noise in common with another signal.'),
  limits: z
    .strictObject({ min: z.number().optional().describe('Smallest value.'), max: z.number().optional().describe('Largest value.') })
    .optional()
    .describe('Values are cut off here.'),
  decimals: z.int().min(0).max(12).default(3).describe('Digits behind the point, as sent. Default: 3.'),
})

const category = z.strictObject({
  name: text(1, 128).describe('Name of the field.'),
  values: z
    .array(z.strictObject({ value: text(0, 128).describe('A value.'), weight: z.number().gt(0).max(1e9).default(1).describe('How often, relative to the others. Default: 1.') }))
    .min(1)
    .max(64)
    .describe('The values and their weights. A fault on the signal name=value multiplies that weight by its magnitude.'),
})

export const profiles = z
  .array(
    z.strictObject({
      name: text(1, 128).describe('Name; listed devices of this device_type use it.'),
      weight: z.number().gt(0).max(1e9).default(1).describe('Share of counted devices, relative to the others. Default: 1.'),
      signals: z.array(signal).max(64).default([]).describe('What the device measures. Default: nothing.'),
      categories: z.array(category).max(16).default([]).describe('What the device reports in words. Default: nothing.'),
    }),
  )
  .max(64)
  .default([])
  .describe('Kinds of devices.')

export type ProfileSpec = z.infer<typeof profiles>[number]
export type SignalSpec = z.infer<typeof signal>
