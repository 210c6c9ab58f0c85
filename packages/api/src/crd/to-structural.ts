import * as z from 'zod'
import { checkChecks } from './check-checks.ts'
import { checkPattern } from './check-pattern.ts'
import { NotStructural, type StructuralSchema } from './structural-schema.ts'

type JsonSchema = Record<string, unknown>

/** Keywords that mean the same in what zod emits and in a CRD, in the order in which they are written. */
const copied = [
  'description', 'type', 'format', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'minItems', 'maxItems',
  'maxProperties', 'required', 'default',
  'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations',
] as const
/** Keywords that are converted below, or that a CRD has no place for and nobody misses. */
const converted = new Set<string>([...copied, 'properties', 'items', 'additionalProperties', 'anyOf', 'examples', '$schema'])

/**
 * Converts a zod schema to the structural schema of a CRD, as the schema of what is sent (before defaults).
 *
 * What the API server would refuse, prune or check otherwise than zod is refused here with its path, because the
 * server reports in stages: one mistake hides those behind it. The bounds that it demands for the cost of CEL
 * (`maxLength`, `maxItems`, `maxProperties`) and a description on every field are demanded everywhere.
 *
 * @param path where the schema is put, for errors: `spec`.
 * @throws NotStructural naming the first place that a CRD cannot hold.
 */
export function toStructural(schema: z.ZodType, path = ''): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const problem = checkChecks(zodSchema)
      if (problem !== undefined) (jsonSchema as JsonSchema)['x-problem'] = problem
    },
  }) as JsonSchema
  return convert(json, path)
}

function convert(json: JsonSchema, path: string): StructuralSchema {
  const refuse = (problem: string): never => {
    throw new NotStructural(path, problem)
  }
  if (typeof json['x-problem'] === 'string') refuse(json['x-problem'])
  if (json['anyOf'] !== undefined) return convertIntOrString(json, path)
  for (const keyword of Object.keys(json)) if (!converted.has(keyword)) refuse(refusals[keyword] ?? `a CRD does not hold "${keyword}"`)
  if (json['type'] === undefined) refuse('has no type: write a schema that says what it is, or an object with x-kubernetes-preserve-unknown-fields')

  const result = Object.fromEntries(copied.filter((keyword) => json[keyword] !== undefined).map((keyword) => [keyword, json[keyword]])) as StructuralSchema
  const problem = checkBounds(result)
  if (problem !== undefined) refuse(problem)

  const { properties, items, additionalProperties } = json as { properties?: Record<string, JsonSchema>; items?: JsonSchema; additionalProperties?: JsonSchema | boolean }
  if (properties !== undefined) {
    // `false` is what a strict object says; the API server refuses unknown fields by itself, and the keyword beside properties.
    if (additionalProperties !== undefined && additionalProperties !== false) refuse('additionalProperties and properties are mutually exclusive: write strictObject')
    result.properties = Object.fromEntries(Object.entries(properties).map(([key, field]) => [key, convertField(field, path === '' ? key : `${path}.${key}`)]))
  } else if (typeof additionalProperties === 'object' && result['x-kubernetes-preserve-unknown-fields'] !== true) {
    if (result.maxProperties === undefined) refuse('has no maxProperties, without which the cost of its rules is unknown: write mapOf')
    result.additionalProperties = convert(additionalProperties, `${path}{}`)
  }
  if (result.type === 'array') {
    if (items === undefined) return refuse('has no items')
    result.items = convert(items, `${path}[]`)
  }
  return result
}

function convertField(json: JsonSchema, path: string): StructuralSchema {
  const field = convert(json, path)
  if (field.description === undefined) throw new NotStructural(path, 'has no description, which kubectl explain shows: write describe')
  return field
}

const noReferences = 'a CRD has no references, and so no recursion: write x-kubernetes-preserve-unknown-fields'

const refusals: Record<string, string> = {
  oneOf: 'a discriminated union is not structural: write optional members and exactlyOneOf',
  allOf: 'an intersection is not structural: write one object, and one pattern for a string',
  not: 'a CRD does not hold "not": write a rule',
  propertyNames: 'a CRD does not check keys: write mapOf',
  nullable: 'null is dropped by the API server before it looks: write optional',
  prefixItems: 'a tuple is not structural: write an object',
  $ref: noReferences,
  definitions: noReferences,
}

/** `string | integer` is the one union that a CRD holds. */
function convertIntOrString({ description, ...json }: JsonSchema, path: string): StructuralSchema {
  const types = (json['anyOf'] as JsonSchema[]).map(({ type }) => type)
  if (types.length !== 2 || !types.includes('integer') || !types.includes('string')) {
    throw new NotStructural(path, 'a union is not structural: write optional members and exactlyOneOf')
  }
  const { maxLength } = json
  if (maxLength === undefined) throw new NotStructural(path, 'has no maxLength, without which the cost of its rules is unknown')
  return {
    ...(description !== undefined && { description: description as string }),
    'x-kubernetes-int-or-string': true,
    maxLength: maxLength as number,
    'x-kubernetes-validations': (json['x-kubernetes-validations'] ?? []) as [],
  }
}

function checkBounds(schema: StructuralSchema): string | undefined {
  const { type, minimum, maximum } = schema
  if (type === 'string' && schema.maxLength === undefined && schema.enum === undefined && schema.format !== 'date-time') return 'has no maxLength: write text(min, max)'
  if (type === 'array' && schema.maxItems === undefined) return 'has no maxItems: write max'
  // zod's own bounds of an integer say nothing about the field.
  if (type === 'integer' && (!isOwnBound(minimum) || !isOwnBound(maximum))) return 'has no bounds of its own: write min and max'
  return schema.pattern === undefined ? undefined : checkPattern(schema.pattern)
}

function isOwnBound(bound: number | undefined): boolean {
  return bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER
}
