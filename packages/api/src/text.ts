import * as z from 'zod'
import { held } from './held.ts'

/**
 * A string of `min` to `max` characters, counted as the API server counts them: by code points. zod's own `min`
 * and `max` count UTF-16 units, in which an emoji is two.
 */
export function text(min: number, max: number): z.ZodString {
  const check = held(
    z.check<string>(({ value, issues }) => {
      const length = countCharacters(value)
      if (length < min) issues.push({ code: 'too_small', origin: 'string', minimum: min, inclusive: true, input: value })
      else if (length > max) issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value })
    }),
  )
  return z
    .string()
    .check(check)
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max })
}

/** Code points of a text. */
export function countCharacters(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}
