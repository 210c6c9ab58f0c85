import * as z from 'zod'
import { commonStatus, count, maxCount, timestamp } from '../common-status.ts'
import { duration, positiveDuration } from '../duration.ts'
import { kafkaConnection, topic } from '../kafka.ts'
import { mapOf } from '../map.ts'
import { apiVersion, metadata } from '../metadata.ts'
import { presetNames } from '../pipeline/source.ts'
import { podTemplate } from '../pod-template.ts'
import { atMostOneOf, exactlyOneOf, withRules } from '../rules.ts'
import { text } from '../text.ts'
import { devices } from './devices.ts'
import { faults } from './faults.ts'
import { profiles } from './profiles.ts'

const format = withRules(
  z.strictObject({
    preset: z.enum(presetNames).optional().describe('A known message shape.'),
    template: text(2, 65_536)
      .optional()
      .describe('JSON with {{device}}, {{deviceType}}, {{time}}, {{timeMs}}, {{metric}}, {{value}}, {{unit}}, {{location}}, {{building}}, {{id}} or {{values.NAME}} in it.'),
  }),
  exactlyOneOf('preset', 'template'),
).describe('What a message looks like.')

const spec = withRules(
  z.strictObject({
    kafka: kafkaConnection,
    topic: topic.describe('The topic that readings are sent to.'),
    format: format.optional(),
    devices,
    profiles,
    faults,
    interval: positiveDuration().optional().describe('Time between two readings of a device. Default: 1s.'),
    rate: z.number().gt(0).max(1e6).optional().describe('Readings of a device in a second; instead of interval.'),
    jitter: z.number().min(0).max(1).default(0.1).describe('Random part of the interval, as a share of it. Default: 0.1.'),
    speed: z.number().gt(0).max(1e6).default(1).describe('Event time that passes in a second. Above 1 the fleet starts in the past and ends at now. Default: 1.'),
    ramp: duration().default('0s').describe('Time over which devices join. Default: 0s.'),
    duration: positiveDuration().optional().describe('How long the fleet runs, in event time. Default: until it is stopped.'),
    messages: z.int().min(1).max(1e12).optional().describe('How many records are sent; instead of duration.'),
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('Seed of everything random: the same seed sends the same bytes. Default: 1.'),
    shards: z.int().min(1).max(1_000).default(1).describe('Processes that share the devices. Default: 1.'),
    compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none').describe('Codec. Default: none.'),
    acks: z.enum(['all', '1', '0']).default('all').describe('Acknowledgements to wait for. Default: all.'),
    batchSize: z.int().min(1).max(100_000).default(10_000).describe('Most records in one request. Default: 10000.'),
    linger: duration().default('5ms').describe('How long a batch may wait to fill. Default: 5ms.'),
    template: podTemplate,
    paused: z.boolean().default(false).describe('Stop sending. Default: false.'),
  }),
  atMostOneOf('interval', 'rate'),
  atMostOneOf('duration', 'messages'),
  {
    cel: 'has(self.devices.replay) || has(self.format)',
    message: 'simulated devices need a message shape: write format.preset or format.template',
    field: 'format',
    holds: (fleet) => fleet.devices.replay !== undefined || fleet.format !== undefined,
  },
  {
    cel: 'has(self.devices.replay) || self.profiles.size() > 0',
    message: 'simulated devices need at least one profile: write profiles with their signals',
    field: 'profiles',
    holds: (fleet) => fleet.devices.replay !== undefined || fleet.profiles?.length > 0,
  },
  {
    cel: 'self.speed <= 1.0 || has(self.duration) || has(self.messages) || has(self.devices.replay)',
    message: 'a fleet faster than the clock ends at now, so it must have an end: write duration or messages',
    field: 'speed',
    holds: (fleet) => (fleet.speed ?? 1) <= 1 || Boolean(fleet.duration ?? fleet.messages ?? fleet.devices.replay),
  },
)

const status = z
  .strictObject({
    ...commonStatus,
    devices: count().describe('Devices that the fleet has.'),
    activeDevices: count().describe('Devices sending.'),
    sent: count().describe('Records acknowledged.'),
    sendErrors: count().describe('Records that could not be sent.'),
    achievedRate: z.number().min(0).optional().describe('Records each second.'),
    injected: mapOf(z.int().min(0).max(maxCount), { maxEntries: 64, maxKeyLength: 64 }).optional().describe('Records sent under each kind of fault.'),
    completionTime: timestamp().optional().describe('When the fleet was done.'),
  })
  .describe('What the operator observes.')

/** Simulated devices with labelled faults, or a recording replayed. */
export const deviceFleet = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('DeviceFleet'),
  metadata,
  spec: spec.describe('What is wanted.'),
  status: status.optional(),
})

export type DeviceFleet = z.infer<typeof deviceFleet>
export type DeviceFleetInput = z.input<typeof deviceFleet>
