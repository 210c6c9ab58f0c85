import { readFileSync } from 'node:fs'
import { faultKinds, formatPath, presetNames, timeFormats, type SimulatorConfig } from '@tidewatch/api'
import { kafkaEnvironment } from '@tidewatch/kafka'
import { codeOf, ConfigInvalid, messageOf } from '@tidewatch/kit'
import * as z from 'zod'

/** The environment of a simulator process. */
export const environmentSchema = z.object({
  TIDEWATCH_CONFIG_FILE: z.string({ error: 'is required: the path of a JSON file with the resolved fleet' }).min(1),
  ...kafkaEnvironment,
  TIDEWATCH_SHARD: z.coerce.number().int().min(0).default(0),
  TIDEWATCH_PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  TIDEWATCH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  TIDEWATCH_REPORT_FILE: z.string().min(1).optional(),
})

const signal = z.strictObject({
  name: z.string().min(1),
  unit: z.string(),
  base: z.number(),
  spread: z.number().min(0),
  amplitude: z.number(),
  periodMs: z.number().positive(),
  weeklyAmplitude: z.number(),
  noise: z.number().min(0),
  correlation: z.strictObject({ with: z.string(), coefficient: z.number().min(-1).max(1) }).optional(),
  limits: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  decimals: z.int().min(0).max(12),
})

const category = z.strictObject({
  name: z.string().min(1),
  values: z.array(z.strictObject({ value: z.string(), weight: z.number().positive() })).min(1),
})

const fault = z.strictObject({
  kind: z.enum(faultKinds),
  selector: z.strictObject({
    devices: z.array(z.string()).min(1).optional(),
    share: z.number().gt(0).max(1).optional(),
    probability: z.number().gt(0).max(1).optional(),
    signals: z.array(z.string()).min(1).optional(),
  }),
  startMs: z.number().min(0),
  durationMs: z.number().positive(),
  everyMs: z.number().positive().optional(),
  magnitude: z.number().positive(),
})

const replay = z.strictObject({
  file: z.string().optional(),
  configMap: z.strictObject({ name: z.string(), key: z.string() }).optional(),
  persistentVolumeClaim: z.strictObject({ claimName: z.string(), path: z.string() }).optional(),
  s3: z.strictObject({ bucket: z.string(), key: z.string(), endpoint: z.string().optional() }).optional(),
  url: z.string().optional(),
  format: z.enum(['Csv', 'JsonLines', 'Parquet']).default('Csv'),
  delimiter: z.string().length(1).default(','),
  speed: z.number().min(0).default(1),
  device: z.string().optional(),
  eventTime: z.strictObject({ column: z.string(), format: z.enum(timeFormats).default('Iso8601') }).optional(),
  label: z.strictObject({ column: z.string(), normal: z.array(z.string()).min(1) }).optional(),
  windows: z.array(z.strictObject({ start: z.string(), end: z.string() })).optional(),
  fields: z.record(z.string(), z.string()).optional(),
})

const listedDevice = z.strictObject({
  device_id: z.string().min(1),
  device_type: z.string().optional(),
  location: z.string().optional(),
  building_id: z.string().optional(),
})

/** The content of a simulator's configuration file: `SimulatorConfig` of @tidewatch/api, as `resolveFleet` writes it. */
export const simulatorConfig = z.strictObject({
  fleet: z.strictObject({ name: z.string().min(1), namespace: z.string().min(1) }),
  topic: z.string().min(1),
  partition: z.int().min(0).optional(),
  format: z.strictObject({ preset: z.enum(presetNames).optional(), template: z.string().optional() }),
  devices: z.union([
    z.strictObject({ count: z.int().min(1), idPattern: z.string() }),
    z.strictObject({ list: z.array(listedDevice).min(1) }),
    z.strictObject({ replay }),
  ]),
  profiles: z.array(z.strictObject({ name: z.string().min(1), weight: z.number().positive(), signals: z.array(signal).max(64), categories: z.array(category) })),
  faults: z.array(fault).max(64),
  intervalMs: z.number().positive(),
  jitter: z.number().min(0).max(1),
  speed: z.number().positive(),
  rampMs: z.number().min(0),
  durationMs: z.number().positive().optional(),
  messages: z.int().min(1).optional(),
  seed: z.int().min(0),
  shards: z.int().min(1),
  compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
  acks: z.enum(['all', '1', '0']),
  batchSize: z.int().min(1),
  lingerMs: z.number().min(0),
  faultHeader: z.string().min(1),
})

/** @throws ConfigInvalid naming the first field that is wrong. */
export function parseSimulatorConfig(value: unknown): SimulatorConfig {
  const result = simulatorConfig.safeParse(value)
  // The parsed value lacks the keys that JSON cannot say are undefined; reading them gives undefined all the same.
  if (result.success) return result.data as SimulatorConfig
  const [issue] = result.error.issues
  const path = formatPath((issue?.path ?? []).map((segment) => (typeof segment === 'symbol' ? String(segment) : segment)))
  throw new ConfigInvalid(`The fleet's configuration is not valid: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'unknown problem'}`)
}

/** @throws ConfigInvalid when the file cannot be read, is not JSON or not a fleet's configuration. */
export function readSimulatorConfig(file: string): SimulatorConfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new ConfigInvalid(`The configuration file ${file} cannot be read: ${why}`, { cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ConfigInvalid(`The configuration file ${file} is not valid JSON: ${messageOf(error)}`, { cause: error })
  }
  return parseSimulatorConfig(value)
}
