import { readEnvironment } from '@tidewatch/kit'
import * as z from 'zod'

const schema = z.object({
  TIDEWATCH_CACHE_DIR: z.string().min(1, 'is empty: write a folder, or leave it out').optional(),
  TIDEWATCH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { error: 'must be trace, debug, info, warn, error or fatal' }).default('info'),
})

/** What the command takes from its environment. */
export interface Settings {
  /** Where downloads are kept; undefined: ~/.cache/tidewatch. */
  cacheDir: string | undefined
  logLevel: string
}

/** @throws ConfigInvalid naming every variable of ours that is unknown or malformed. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const { TIDEWATCH_CACHE_DIR: cacheDir, TIDEWATCH_LOG_LEVEL: logLevel } = readEnvironment(schema, environment)
  return { cacheDir, logLevel }
}
