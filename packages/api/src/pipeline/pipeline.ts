import * as z from 'zod'
import { commonStatus, count, timestamp } from '../common-status.ts'
import { positiveDuration } from '../duration.ts'
import { kafkaConnection, topicName } from '../kafka.ts'
import { apiVersion, foreignName, metadata } from '../metadata.ts'
import { mapOf } from '../map.ts'
import { podTemplate } from '../pod-template.ts'
import { celString, withRules } from '../rules.ts'
import { asksForDeviation, celAsksForDeviation, detector } from './detector.ts'
import { features, locationFeatures } from './features.ts'
import { outputs } from './outputs.ts'
import { scaling } from './scaling.ts'
import { source } from './source.ts'
import { window } from './window.ts'
import { text } from '../text.ts'

const spec = withRules(
  z.strictObject({
    kafka: kafkaConnection,
    source,
    groupBy: z.enum(['Device', 'DeviceAndMetric']).default('Device').describe('What a window belongs to: a device with all its metrics, or each metric of a device. Default: Device.'),
    window,
    features,
    detector,
    outputs,
    delivery: z.enum(['ExactlyOnce', 'AtLeastOnce']).default('ExactlyOnce').describe('ExactlyOnce: every verdict appears once, whatever fails. AtLeastOnce: none is lost, some may repeat. Default: ExactlyOnce.'),
    checkpoint: z
      .strictObject({
        interval: positiveDuration().default('10s').describe('Time between two checkpoints of a partition. Default: 10s.'),
        topic: topicName().optional().describe('Compacted topic that holds them; no two pipelines may share one. Default: <name>-state, outside of the namespace default <namespace>.<name>-state.'),
      })
      .optional()
      .describe('How state is kept.'),
    scaling,
    template: podTemplate,
    paused: z.boolean().default(false).describe('Stop detecting and keep everything. Default: false.'),
    imagePullSecrets: z.array(z.strictObject({ name: foreignName().describe('Name of the Secret.') })).max(16).default([]).describe('Secrets for a private registry. Default: none.'),
  }),
  {
    cel: '!has(self.scaling.maxReplicas) || self.scaling.maxReplicas <= self.source.topic.partitions',
    message: 'scaling.maxReplicas is above source.topic.partitions, and a partition is read by one detector only: write fewer replicas or more partitions',
    field: 'scaling',
    holds: ({ scaling, source }) => scaling.maxReplicas === undefined || !(scaling.maxReplicas > (source.topic.partitions ?? 8)),
  },
  {
    cel: "self.detector.scope != 'DeviceType' || (has(self.source.preset) && self.source.preset == 'DeviceMetric') || (has(self.source.mapping) && has(self.source.mapping.deviceType))",
    message: 'detector.scope DeviceType needs the type of the device: write source.preset DeviceMetric or source.mapping.deviceType',
    field: 'detector',
    holds: ({ detector, source }) => detector.scope !== 'DeviceType' || source.preset === 'DeviceMetric' || source.mapping?.deviceType !== undefined,
  },
  {
    cel: '!has(self.outputs.clusterEvents) || has(self.detector.microClusters)',
    message: 'outputs.clusterEvents is told by microClusters alone: leave it out, or write detector.microClusters',
    field: 'outputs',
    holds: ({ detector, outputs }) => outputs.clusterEvents === undefined || detector.microClusters !== undefined,
  },
  {
    cel: `!(${celAsksForDeviation('self.detector')}) || has(self.window.none) || self.features.exists(name, name in [${locationFeatures.map(celString).join(', ')}])`,
    message: `detector.direction and detector.minDeviation need a feature that lies above or below: add one of ${locationFeatures.join(', ')}`,
    field: 'features',
    holds: ({ detector, window, features }) => !asksForDeviation(detector) || window.none !== undefined || features.some((name) => (locationFeatures as readonly string[]).includes(name)),
  },
)

const share = () => z.number().min(0).max(1).optional()

const status = z
  .strictObject({
    ...commonStatus,
    detector: text(0, 64).optional().describe('Name of the model: the member of spec.detector that is set.'),
    replicas: count().describe('Detectors running.'),
    selector: text(0, 1_024).optional().describe('Label selector of the detectors.'),
    lag: z
      .strictObject({
        total: count().describe('Records waiting.'),
        drainTime: text(0, 32).optional().describe('Time to work them off.'),
        worstPartition: count().describe('The partition with most.'),
      })
      .optional()
      .describe('Consumer lag.'),
    readingsPerSecond: z.number().min(0).optional().describe('Readings processed each second.'),
    anomalies: z
      .strictObject({ lastHour: count().describe('In the last hour.'), total: count().describe('Since the pipeline began.') })
      .optional()
      .describe('Anomalies found.'),
    watermark: timestamp().optional().describe('Event time up to which every partition is complete.'),
    model: z
      .strictObject({
        devices: count().describe('Group keys with a model.'),
        warming: count().describe('Those that do not judge yet.'),
        bytes: count().describe('Memory of windows and models.'),
      })
      .optional()
      .describe('The models.'),
    accuracy: z
      .strictObject({
        precision: share().describe('Share of flagged windows that lay in a fault.'),
        recall: share().describe('Share of faults found.'),
        byFault: mapOf(z.strictObject({ precision: share().describe('Precision.'), recall: share().describe('Recall.') }), { maxEntries: 64, maxKeyLength: 64 })
          .optional()
          .describe('The same by kind of fault.'),
      })
      .optional()
      .describe('Measured against ground truth, while it flows.'),
  })
  .describe('What the operator observes.')

/** A pipeline from readings on a topic to verdicts: which topic, which window, which detector, where to. */
export const detectionPipeline = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('DetectionPipeline'),
  metadata,
  spec: spec.describe('What is wanted.'),
  status: status.optional(),
})

export type DetectionPipeline = z.infer<typeof detectionPipeline>
export type DetectionPipelineInput = z.input<typeof detectionPipeline>
