import * as z from 'zod'
import { mapOf } from '../map.ts'
import { foreignName } from '../metadata.ts'
import { jsonPath, timeFormats } from '../pipeline/source.ts'
import { exactlyOneOf, matching, withRules } from '../rules.ts'
import { text } from '../text.ts'

const listedDevice = z.strictObject({
  device_id: text(1, 249).describe('Id of the device.'),
  device_type: text(1, 128).optional().describe('Type; a profile of this name gives the signals.'),
  location: text(0, 256).optional().describe('Where it stands.'),
  building_id: text(0, 256).optional().describe('The building.'),
})

const column = () => text(1, 128)

/** A moment with or without a zone, as recordings write it. */
const moment = () => matching(text(1, 40), z.regexes.datetime({ offset: true, local: true }), 'is not a moment: write, for example, "2026-01-31T08:00:00Z"')

const replay = withRules(
  z.strictObject({
    file: text(1, 1_024).optional().describe('A file on this machine, relative to the manifest; without a cluster only.'),
    configMap: z.strictObject({ name: foreignName().describe('Name.'), key: text(1, 253).describe('Key.') }).optional().describe('A ConfigMap in the same namespace.'),
    persistentVolumeClaim: z.strictObject({ claimName: foreignName().describe('Name.'), path: text(1, 1_024).describe('Path in the volume.') }).optional().describe('A file on a volume.'),
    s3: z.strictObject({ bucket: text(3, 63).describe('Bucket.'), key: text(1, 1_024).describe('Key.'), endpoint: text(0, 1_024).optional().describe('Address.') }).optional().describe('An object in S3.'),
    url: text(1, 2_048).optional().describe('An address to fetch.'),
    format: z.enum(['Csv', 'JsonLines', 'Parquet']).default('Csv').describe('Format of the recording. Default: Csv.'),
    delimiter: text(1, 1).default(',').describe('Separator of a CSV. Default: a comma.'),
    speed: z.number().min(0).max(1e9).default(1).describe('Factor on the recording\'s own pace; 0 sends as fast as possible. Default: 1.'),
    device: column().optional().describe('Column (or top-level field) of the device\'s id; it becomes the key. Default: all rows are one device, named after the fleet.'),
    eventTime: z
      .strictObject({
        column: column().describe('Column of the event time.'),
        format: z.enum(timeFormats).default('Iso8601').describe('How it is written. Default: Iso8601.'),
      })
      .optional()
      .describe('When each row was taken. Default: rows follow each other at the fleet\'s interval and end now.'),
    label: z
      .strictObject({
        column: column().describe('Column of the label; it is not sent.'),
        normal: z.array(text(0, 128)).min(1).max(64).describe('Labels of normal rows; any other is the fault\'s name.'),
      })
      .optional()
      .describe('Ground truth in the recording.'),
    windows: z
      .array(z.strictObject({ start: moment().describe('First moment.'), end: moment().describe('Last moment.') }))
      .max(1_000)
      .optional()
      .describe('Ground truth as spans of event time.'),
    fields: mapOf(jsonPath(), { maxEntries: 256, maxKeyLength: 128 }).optional().describe('Where each column goes in the message. Default: every column under its own name, numbers as numbers.'),
  }),
  exactlyOneOf('file', 'configMap', 'persistentVolumeClaim', 's3', 'url'),
)

export const devices = withRules(
  z.strictObject({
    count: z.int().min(1).max(10_000_000).optional().describe('This many devices, spread over the profiles.'),
    idPattern: matching(text(0, 200), /^[^%]*%0?[0-9]{0,3}d[^%]*$/, 'is not an id pattern: it holds one number, such as "sensor_%06d"')
      .default('device-%06d')
      .describe('Ids of counted devices, from 1. Default: device-%06d.'),
    list: z.array(listedDevice).min(1).max(10_000).optional().describe('These devices.'),
    replay: replay.optional().describe('A recording instead of a simulation.'),
  }),
  exactlyOneOf('count', 'list', 'replay'),
).describe('The devices.')

export type ReplaySpec = z.infer<typeof replay>
export type ListedDevice = z.infer<typeof listedDevice>
