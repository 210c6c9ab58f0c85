import type * as z from 'zod'

const checks = new WeakSet<object>()

/**
 * Marks a hand-written check that the CRD holds as well, as a CEL rule or as a keyword of the schema. The converter
 * refuses any other, because the API server would accept what zod refuses.
 */
export function held<Check extends z.core.$ZodCheck<never>>(check: Check): Check {
  checks.add(check)
  return check
}

export function isHeld(check: object): boolean {
  return checks.has(check)
}
