import * as z from 'zod'
import { held } from './held.ts'
import { withRules } from './rules.ts'
import { countCharacters } from './text.ts'

/** A map with bounded keys: without bounds the API server cannot tell what a rule inside costs, and refuses the CRD. */
export function mapOf<Value extends z.ZodType>(value: Value, { maxEntries, maxKeyLength }: { maxEntries: number; maxKeyLength: number }): z.ZodRecord<z.ZodString, Value> {
  const check = held(
    z.check<Record<string, unknown>>(({ value, issues }) => {
      if (Object.keys(value).length > maxEntries) issues.push({ code: 'too_big', origin: 'object', maximum: maxEntries, inclusive: true, input: value })
    }),
  )
  const bounded = z.record(z.string(), value).check(check).meta({ maxProperties: maxEntries })
  return withRules(bounded, {
    cel: `self.all(key, key.size() <= ${maxKeyLength})`,
    message: `a key is too long: write at most ${maxKeyLength} characters`,
    holds: (map) => Object.keys(map).every((key) => countCharacters(key) <= maxKeyLength),
  })
}
