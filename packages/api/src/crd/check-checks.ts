import type * as z from 'zod'
import { isHeld } from '../held.ts'

/** The checks of zod's that come out as keywords of the schema. */
const keywords = new Set(['less_than', 'greater_than', 'number_format', 'string_format', 'min_length', 'max_length', 'length_equals'])

/** Why the API server would not check what zod checks here, or undefined. A refinement leaves no trace in JSON Schema. */
export function checkChecks(schema: z.core.$ZodTypes): string | undefined {
  const { type, checks = [] } = schema._zod.def as { type: string; checks?: z.core.$ZodCheck<never>[] }
  for (const check of checks) {
    const name = check._zod.def.check
    if (name === 'custom' && !isHeld(check)) return 'a refinement without CEL: write it with withRules'
    if (type === 'string' && name.endsWith('_length')) return 'zod counts UTF-16 units, the API server characters: write text(min, max)'
    if (name !== 'custom' && !keywords.has(name)) return `the API server does not do what the check ${name} does`
  }
  return undefined
}
