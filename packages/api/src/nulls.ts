import * as z from 'zod'
import { unwrap } from './problems.ts'

/**
 * The value without the fields that are null, as the API server drops them before it looks at anything: `microClusters:`
 * with nothing behind it is the same as no line at all. What the schema does not know, and the entries of lists, stay.
 */
export function withoutNulls(schema: unknown, value: unknown): unknown {
  const inner = unwrap(schema)
  if (Array.isArray(value)) return inner instanceof z.ZodArray ? value.map((item) => withoutNulls(inner.element, item)) : (value as unknown)
  if (typeof value !== 'object' || value === null) return value
  const schemaOf = fieldSchema(inner)
  if (schemaOf === undefined) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => {
      const known = schemaOf(key)
      return known !== undefined && field === null ? [] : [[key, known === undefined ? (field as unknown) : withoutNulls(known, field)]]
    }),
  )
}

function fieldSchema(schema: unknown): ((key: string) => unknown) | undefined {
  if (schema instanceof z.ZodObject) return (key) => (Object.hasOwn(schema.shape, key) ? (schema.shape as Record<string, unknown>)[key] : undefined)
  if (schema instanceof z.ZodRecord) return () => (unwrap(schema.valueType) instanceof z.ZodUnknown ? undefined : schema.valueType)
  return undefined
}
