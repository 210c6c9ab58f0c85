import * as z from 'zod'
import { held } from './held.ts'

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
 * A rule on how an object may change. Only the API server knows the object as it was, so it is told in CEL alone
 * (`oldSelf` is the value before): `tidewatch validate` cannot check it.
 */
export interface TransitionRule {
  /** CEL over `self` and `oldSelf`; the API server evaluates it on updates only. */
  transition: string
  /** One sentence: what is wrong and what to do instead. */
  message: string
  /** The field under the object that the error points at. */
  field?: string
}

/** One entry of `x-kubernetes-validations`. */
export interface CelValidation {
  rule: string
  message: string
  /** CEL that gives the message; `message` stands in where it fails. */
  messageExpression?: string
  /** Relative to the value the rule is on: `.slide`. */
  fieldPath?: string
}

const validationsKey = 'x-kubernetes-validations'

/**
 * Adds rules to a schema, after those that it has.
 *
 * A refinement of zod's is skipped while a field of the object is in error; `when` turns that off, because
 * every error of a manifest is reported at once.
 */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: (Rule<z.output<Schema>> | TransitionRule)[]): Schema {
  const checked = rules.reduce<z.ZodType>((current, rule) => ('transition' in rule ? current : current.check(checkOf(rule))), schema)
  return withValidations(
    checked as Schema,
    rules.map((rule) => ({
      rule: 'transition' in rule ? rule.transition : rule.cel,
      message: rule.message,
      ...(rule.field !== undefined && { fieldPath: `.${rule.field}` }),
    })),
  )
}

function checkOf<Value>(rule: Rule<Value>): z.core.$ZodCheck<unknown> {
  return held(
    z.refine<unknown>((value) => keeps(rule, value), {
      error: rule.message,
      path: rule.field === undefined ? [] : [rule.field],
      when: ({ value }) => value !== undefined && value !== null,
    }),
  )
}

function withValidations<Schema extends z.ZodType>(schema: Schema, more: CelValidation[]): Schema {
  const before = (schema.meta()?.[validationsKey] ?? []) as CelValidation[]
  return schema.meta({ [validationsKey]: [...before, ...more] })
}

function keeps<Value>(rule: Rule<Value>, value: unknown): boolean {
  try {
    return rule.holds(value as Value)
  } catch {
    return true
  }
}

/**
 * A string that matches a pattern, with a sentence for people: `"one minute" <complaint>`, in zod and in CEL.
 *
 * @param pattern without flags, and of what JavaScript and RE2 have in common (`crd/check-pattern.ts`).
 */
export function matching(schema: z.ZodString, pattern: RegExp, complaint: string): z.ZodString {
  const checked = schema.regex(pattern, { error: (issue) => `"${String(issue.input)}" ${complaint}` })
  return withValidations(checked, [
    {
      rule: `self.matches(${celString(pattern.source)})`,
      message: `the text ${complaint}`,
      messageExpression: `'"' + self + ${celString(`" ${complaint}`)}`,
    },
  ])
}

/** A text as CEL spells it. */
export function celString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
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
