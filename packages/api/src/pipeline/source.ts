import * as z from 'zod'
import { topic } from '../kafka.ts'
import { exactlyOneOf, matching, withRules } from '../rules.ts'
import { text } from '../text.ts'

/** The message shapes that need no mapping of their own. */
export const presetNames = ['SensorReading', 'DeviceMetric', 'AccessEvent', 'DeviceHealth', 'NetworkFlow'] as const
export type PresetName = (typeof presetNames)[number]

const jsonPathPattern = /^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\['[^'\]]+'\]|\[[0-9]+\])+$/

/** A path to one value: `$.device.id`, `$['Protocol Type']`, `$.values[0]`. No wildcards, no filters. */
export const jsonPath = () => matching(text(0, 256), jsonPathPattern, 'is not a path to one value: write, for example, "$.device.id" or "$[\'Protocol Type\']"')

export const timeFormats = ['Iso8601', 'EpochSeconds', 'EpochMillis', 'EpochMicros'] as const

const fieldName = () => text(1, 128)

const readingMapping = withRules(
  z.strictObject({
    device: jsonPath().optional().describe('Path of the device\'s id, a string or a number. Default: the record\'s key.'),
    deviceType: jsonPath().optional().describe('Path of the device\'s type; needed for scope DeviceType.'),
    eventTime: z
      .strictObject({
        path: jsonPath().describe('Path of the moment at which the reading was taken.'),
        format: z.enum(timeFormats).default('Iso8601').describe('How it is written. Default: Iso8601; a date without a zone is taken as UTC.'),
      })
      .optional()
      .describe('The event time. Default: the record\'s timestamp.'),
    metric: z
      .strictObject({
        name: jsonPath().describe('Path of the metric\'s name.'),
        value: jsonPath().describe('Path of the metric\'s value, a number.'),
        only: z.array(fieldName()).max(256).optional().describe('Metrics to read; others are passed over and counted. With groupBy Device these fix the vector. Default: all.'),
      })
      .optional()
      .describe('Long form: one metric per record.'),
    values: z
      .array(
        z.strictObject({
          name: fieldName().describe('Name of the metric.'),
          path: jsonPath().describe('Path of its value, a number or a boolean (true counts as 1).'),
        }),
      )
      .max(256)
      .optional()
      .describe('Wide form: a set of named values in every record.'),
    allNumbers: z
      .strictObject({
        except: z.array(fieldName()).max(256).default([]).describe('Top-level fields to leave out. Default: none.'),
      })
      .optional()
      .describe('Wide form: every top-level field that holds a number. The first reading of a model fixes the set.'),
    categories: z
      .array(
        z.strictObject({
          name: fieldName().describe('Name of the field, as it appears in features.'),
          path: jsonPath().describe('Path of its value, a string.'),
          values: z.array(text(0, 128)).min(1).max(64).describe('The values to tell apart. Each becomes a metric name=value that is 1 when the field has that value, else 0.'),
        }),
      )
      .max(32)
      .default([])
      .describe('Categorical fields. Default: none.'),
  }),
  {
    cel: '[has(self.metric), has(self.values), has(self.allNumbers)].filter(x, x).size() <= 1',
    message: 'write at most one of metric, values and allNumbers',
    holds: (mapping) => [mapping.metric, mapping.values, mapping.allNumbers].filter((form) => form !== undefined).length <= 1,
  },
  {
    cel: 'has(self.metric) || has(self.values) || has(self.allNumbers) || (has(self.categories) && self.categories.size() > 0)',
    message: 'the mapping names no value: write one of metric, values, allNumbers or categories',
    holds: (mapping) => Boolean(mapping.metric ?? mapping.values ?? mapping.allNumbers) || mapping.categories?.length > 0,
  },
)

export type ReadingMappingSpec = z.infer<typeof readingMapping>

export const source = withRules(
  z.strictObject({
    topic: topic.describe('The topic that readings arrive on.'),
    startFrom: z.enum(['Earliest', 'Latest']).default('Earliest').describe('Where a pipeline that has never run begins. Default: Earliest.'),
    preset: z.enum(presetNames).optional().describe('A known message shape.'),
    mapping: readingMapping.optional().describe('How to read any other JSON message.'),
  }),
  exactlyOneOf('preset', 'mapping'),
).describe('Where readings come from and how one is read.')
