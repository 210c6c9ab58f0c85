import type * as z from 'zod'
import { defineError } from './errors.ts'

export const ConfigInvalid = defineError('CONFIG_INVALID', { retry: 'never' })

/** Every variable of ours starts so; one that we do not know is a spelling mistake and is refused. */
export const environmentPrefix = 'TIDEWATCH_'

/**
 * Reads a process's configuration from its environment, once, at start.
 *
 * The schema's keys are the variables' names. Variables without our prefix that the schema does not name are
 * left alone.
 *
 * @throws ConfigInvalid naming every missing, malformed or unknown variable at once.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Record<string, string | undefined>,
): Readonly<z.infer<z.ZodObject<Shape>>> {
  const known = Object.keys(schema.shape)
  const problems = Object.keys(environment)
    .filter((name) => name.startsWith(environmentPrefix) && !known.includes(name))
    .map((name) => `${name}: no such setting; the settings are ${known.join(', ')}`)

  const given = Object.fromEntries(known.map((name) => [name, environment[name]]))
  const result = schema.safeParse(given)
  if (!result.success) {
    problems.push(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  }
  if (problems.length > 0 || !result.success) {
    throw new ConfigInvalid(`The environment is not valid: ${problems.join('; ')}`)
  }
  return Object.freeze(result.data)
}
