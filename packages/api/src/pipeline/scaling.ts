import * as z from 'zod'
import { positiveDuration } from '../duration.ts'
import { atMostOneOf, withRules } from '../rules.ts'

const scalingRules = z.strictObject({
  stabilizationWindowSeconds: z.int().min(0).max(3_600).optional().describe('How long a recommendation must hold.'),
  selectPolicy: z.enum(['Max', 'Min', 'Disabled']).optional().describe('Which policy counts.'),
  policies: z
    .array(
      z.strictObject({
        type: z.enum(['Pods', 'Percent']).describe('Unit of value.'),
        value: z.int().min(1).max(10_000).describe('How much may change in a period.'),
        periodSeconds: z.int().min(1).max(1_800).describe('Length of the period.'),
      }),
    )
    .max(8)
    .optional()
    .describe('Bounds on the speed of change.'),
})

export const defaultTargetDrainTime = '30s'

export const scaling = withRules(
  z.strictObject({
    minReplicas: z.int().min(1).max(1_000).default(1).describe('Fewest detectors. Default: 1.'),
    maxReplicas: z.int().min(1).max(1_000).optional().describe('Most detectors; at most the number of partitions. Default: the number of partitions.'),
    targetDrainTime: positiveDuration().optional().describe(`Seconds of work that may lie waiting: lag divided by the measured rate. Default: ${defaultTargetDrainTime}.`),
    targetLagPerReplica: z.int().min(1).max(1_000_000_000).optional().describe('Records that may wait for each detector; instead of targetDrainTime.'),
    behavior: z
      .strictObject({ scaleUp: scalingRules.optional().describe('Upwards.'), scaleDown: scalingRules.optional().describe('Downwards.') })
      .optional()
      .describe('Speed of scaling, as in HorizontalPodAutoscaler v2.'),
    metricsSource: z.enum(['Auto', 'Keda', 'Builtin']).default('Auto').describe('Who serves the lag to the autoscaler: KEDA where it is installed (Auto), Keda or Builtin. Default: Auto.'),
  }),
  atMostOneOf('targetDrainTime', 'targetLagPerReplica'),
  {
    cel: '!has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
    message: 'minReplicas is above maxReplicas: write a larger maxReplicas or a smaller minReplicas',
    field: 'minReplicas',
    holds: ({ minReplicas = 1, maxReplicas }) => maxReplicas === undefined || !(minReplicas > maxReplicas),
  },
).prefault({}).describe('How many detectors run.')

export type ScalingSpec = z.infer<typeof scaling>
