import type * as z from 'zod'

/** A rule over several fields, told twice: in CEL for the API server, in TypeScript for everywhere else. */
export interface Rule<Value = object> {
  /** Common Expression Language, as `x-kubernetes-validations[].rule`. */
  cel: string
  /** One sentence: what is wrong and what to write instead. */
  message: string
  /** True when the value keeps the rule. May throw on a malformed value: another error tells of that. */
  holds: (value: Value) => boolean
  /** The field under the object that the error points at. */
  field?: string
}

/**
 * Adds rules to an object schema.
 *
 * A refinement of zod's is skipped while a field of the object is in error; `when` turns that off, because
 * every error of a manifest is reported at once.
 */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: Rule<z.output<Schema>>[]): Schema {
  const checked = rules.reduce<z.ZodType>(
    (current, rule) =>
      current.refine((value) => keeps(rule, value), {
        error: rule.message,
        path: rule.field === undefined ? [] : [rule.field],
        when: ({ value }) => typeof value === 'object' && value !== null,
      }),
    schema,
  )
  return checked.meta({ 'x-kubernetes-validations': rules.map(({ cel, message }) => ({ rule: cel, message })) }) as Schema
}

function keeps<Value>(rule: Rule<Value>, value: unknown): boolean {
  try {
    return rule.holds(value as Value)
  } catch {
    return true
  }
}

/** Exactly one of these optional members is set. */
export function exactlyOneOf(...members: [string, string, ...string[]]): Rule {
  return {
    cel: `[${members.map((member) => `has(self.${member})`).join(', ')}].filter(x, x).size() == 1`,
    message: `write exactly one of ${members.join(', ')}`,
    holds: (value) => countSet(value, members) === 1,
  }
}

/** At most one of these optional members is set. */
export function atMostOneOf(...members: [string, string, ...string[]]): Rule {
  return {
    cel: `[${members.map((member) => `has(self.${member})`).join(', ')}].filter(x, x).size() <= 1`,
    message: `write at most one of ${members.join(', ')}`,
    holds: (value) => countSet(value, members) <= 1,
  }
}

function countSet(value: object, members: string[]): number {
  return members.filter((member) => (value as Record<string, unknown>)[member] !== undefined).length
}
