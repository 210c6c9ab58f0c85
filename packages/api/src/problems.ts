import * as z from 'zod'

/** One thing wrong with a manifest: where, and a sentence that says what to write instead. */
export interface Problem {
  path: (string | number)[]
  message: string
}

/** Turns zod's issues into problems, several for an issue that names several keys. */
export function explainIssues(schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => explainIssue(schema, issue))
}

function explainIssue(schema: z.ZodType, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment))
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schema, path)
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }))
    }
    case 'invalid_type': {
      const wanted = expectation(issue.expected)
      if (issue.input === undefined && issue.message.includes('received undefined')) return [{ path, message: `is required: write ${wanted}` }]
      return [{ path, message: `must be ${wanted}${received(issue.message)}` }]
    }
    case 'invalid_value':
      return [{ path, message: `must be ${listOr(issue.values.map((value) => JSON.stringify(value)))}` }]
    case 'too_small':
      return [{ path, message: bound(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least') }]
    case 'too_big':
      return [{ path, message: bound(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most') }]
    case 'invalid_union':
      return [{ path, message: `must be ${listOr(issue.errors.flatMap((branch) => branch.flatMap((inner) => (inner.code === 'invalid_type' ? [expectation(inner.expected)] : []))))}` }]
    case 'invalid_key':
    case 'invalid_element':
      return explainIssues(schema, issue.issues).map((inner) => ({ path: [...path, ...inner.path], message: inner.message }))
    default:
      return [{ path, message: issue.message }]
  }
}

function expectation(expected: string): string {
  const article = /^[aeiou]/.test(expected) ? 'an' : 'a'
  const words: Record<string, string> = {
    int: 'a whole number',
    object: 'an object with fields',
    record: 'an object with fields',
    array: 'a list',
    string: 'a text (in quotes where it looks like a number)',
    boolean: 'true or false',
  }
  return words[expected] ?? `${article} ${expected}`
}

function received(message: string): string {
  const what = /received (\w+)/.exec(message)?.[1]
  return what === undefined ? '' : `, not ${what === 'undefined' ? 'nothing' : what}`
}

function bound(origin: string, limit: unknown, words: string): string {
  switch (origin) {
    case 'string':
      return `must be ${words} ${String(limit)} characters long`
    case 'array':
    case 'set':
    case 'object':
      return `must have ${words} ${String(limit)} entries`
    default:
      return `must be ${words} ${String(limit)}`
  }
}

function listOr(words: string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

function unknownKey(key: string, known: string[]): string {
  const near = known.map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance)[0]
  const hint = near !== undefined && near.distance <= Math.max(1, key.length / 3) ? `: did you mean "${near.name}"?` : ''
  return known.length === 0 ? 'is not a field here: leave it out' : `is not a field here${hint || `: the fields are ${known.join(', ')}`}`
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The keys that the schema allows at a path. */
function knownKeys(schema: z.ZodType, path: (string | number)[]): string[] {
  let current: unknown = unwrap(schema)
  for (const segment of path) {
    if (current instanceof z.ZodObject) current = unwrap(current.shape[segment] as z.ZodType | undefined)
    else if (current instanceof z.ZodArray) current = unwrap(current.element)
    else if (current instanceof z.ZodRecord) current = unwrap(current.valueType)
    else return []
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : []
}

/** The schema under optional, default and the like, as it reads what is written. */
export function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in)
  return schema
}

/** Writes a path as it would be typed: `spec.faults[0].kind`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, segment) => (typeof segment === 'number' ? `${text}[${segment}]` : text === '' ? segment : `${text}.${segment}`), '')
}
