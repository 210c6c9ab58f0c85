import { readFileSync } from 'node:fs'
import { detectorConfig, type DetectorConfig } from '@tidewatch/api'
import { kafkaEnvironment } from '@tidewatch/kafka'
import { defineError, messageOf } from '@tidewatch/kit'
import * as z from 'zod'

export const ConfigFileInvalid = defineError('CONFIG_FILE_INVALID', { retry: 'never' })

/** What a detector is told by its environment. */
export const environment = z.object({
  TIDEWATCH_CONFIG_FILE: z.string({ error: 'is not set: name the JSON file with the resolved pipeline' }).min(1).describe('JSON file with the resolved pipeline.'),
  ...kafkaEnvironment,
  TIDEWATCH_PORT: z.coerce.number().int().min(0).max(65_535).default(8_080).describe('Port of /metrics and the probes; 0 for a free one. Default: 8080.'),
  TIDEWATCH_SESSION_TIMEOUT_MS: z.coerce.number().int().min(6_000).max(1_800_000).default(45_000).describe('Milliseconds without a sign of life after which the group gives our partitions to others. Default: 45000.'),
  TIDEWATCH_OTHER_CHECKPOINTS: z
    .enum(['refuse', 'startFresh'])
    .default('refuse')
    .describe('What to do where another version wrote the checkpoints and this one cannot read them. refuse: end, and keep what models have learned for that version. startFresh: begin without them. Default: refuse.'),
  TIDEWATCH_INSTANCE_ID: z.string().min(1).max(249).optional().describe('A name that no other member of the group has at the same time, and that this one has again when it is restarted, such as that of the pod: back within the session it is given what it had, and the others go on. Default: none, each process is a new member.'),
  TIDEWATCH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info').describe('Least level that is logged. Default: info.'),
})

/**
 * Reads the configuration file.
 *
 * @throws ConfigFileInvalid in one sentence that names the file.
 */
export function readConfigFile(path: string): DetectorConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigFileInvalid(`The configuration file ${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ConfigFileInvalid(`The configuration file ${path} is not JSON: ${messageOf(error)}`, { cause: error })
  }
  const parsed = detectorConfig.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
  throw new ConfigFileInvalid(`The configuration file ${path} is not a resolved pipeline: ${problems.join('; ')}`)
}
