import * as fc from 'fast-check'
import { buildCrd } from '../build-crd.ts'
import type { KindName } from '../../manifest.ts'
import type { StructuralSchema } from '../structural-schema.ts'
import { ruleCorners } from './rule-corners.ts'

type Json = unknown
type Place = { holder: Record<string, Json> | Json[]; key: string | number; schema: StructuralSchema | undefined }

/** Manifests of a kind: samples, or as the schema wants them; half of them close to a rule over several fields, half with up to three mistakes or edge values. */
export function arbitraryManifest(kind: KindName, examples: readonly object[]): fc.Arbitrary<object> {
  const { properties = {} } = buildCrd(kind).spec.versions[0]!.schema.openAPIV3Schema
  const spec = properties['spec']!
  const generated = arbitraryValue(spec, 0).map((value) => ({ apiVersion: 'tidewatch.dev/v1alpha1', kind, spec: value }))
  const base = fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: generated })
  const mutation = fc.record({ at: fc.nat(), what: fc.nat({ max: 99 }), pick: fc.nat() })
  const name = fc.oneof({ weight: 19, arbitrary: fc.constant('example') }, { weight: 1, arbitrary: fc.constantFrom('a', '7', 'a.b', 'A', '-a', 'a-', 'a_b', '', 'é', 'a'.repeat(63), 'a'.repeat(64)) })
  const corner = fc.oneof(fc.constant({}), ruleCorners[kind])
  const mutations = fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 3 }))
  return fc.tuple(base, name, corner, mutations).map(([document, chosen, replaced, wanted]) => {
    const { spec: before, ...rest } = structuredClone(document) as { spec: object }
    const changed = { ...rest, metadata: { name: chosen }, spec: { ...before, ...structuredClone(replaced) } as Json }
    for (const { at, what, pick } of wanted) {
      const places = listPlaces(changed, 'spec', spec)
      mutate(places[at % places.length]!, what, pick)
    }
    return changed
  })
}

/** A value that mostly keeps the schema, with exactly one member where a rule wants one. */
function arbitraryValue(schema: StructuralSchema, depth: number): fc.Arbitrary<Json> {
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(fc.constantFrom('512Mi', '250m', '2', '1.5Gi', 'x', ''), fc.integer({ min: -1, max: 100 }))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'object':
      return schema.additionalProperties ? fc.dictionary(fc.stringMatching(/^[a-z.]{1,9}$/), arbitraryValue(schema.additionalProperties, depth + 1), { maxKeys: 3 }) : arbitraryObject(schema, depth)
    case 'array':
      return fc.array(arbitraryValue(schema.items!, depth + 1), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems!, (schema.minItems ?? 0) + 2) })
    case 'integer':
      return fc.oneof(fc.integer({ min: schema.minimum!, max: Math.min(schema.maximum!, schema.minimum! + 50) }), fc.constantFrom(schema.minimum!, schema.maximum!))
    case 'number':
      return fc.oneof(fc.constantFrom(0.05, 0.5, 1, 0.999, 1e-9), fc.constantFrom(schema.minimum ?? -1e300, schema.maximum ?? 1e300))
    case 'boolean':
      return fc.boolean()
    default:
      return schema.pattern === undefined ? fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength!, 8), unit: 'grapheme' }) : fc.stringMatching(new RegExp(schema.pattern), { size: '-1' })
  }
}

function arbitraryObject(schema: StructuralSchema, depth: number): fc.Arbitrary<Json> {
  const { properties = {}, required = [] } = schema
  const choice = membersOfChoice(schema)
  const optional = Object.keys(properties).filter((key) => !required.includes(key) && !choice.includes(key))
  const wanted = fc.tuple(fc.subarray(optional, { maxLength: Math.min(optional.length, Math.max(1, 4 - depth)) }), choice.length > 0 ? fc.constantFrom(...choice) : fc.constant(undefined))
  return wanted.chain(([some, one]) => {
    const keys = [...required, ...some, ...(one === undefined ? [] : [one])]
    return fc.record(Object.fromEntries(keys.map((key) => [key, arbitraryValue(properties[key]!, depth + 1)])), { noNullPrototype: true })
  })
}

function membersOfChoice(schema: StructuralSchema): string[] {
  const rule = schema['x-kubernetes-validations']?.find(({ message }) => message.startsWith('write exactly one of'))
  return rule === undefined ? [] : [...rule.rule.matchAll(/has\(self\.(\w+)\)/g)].map(([, name]) => name!)
}

/** Every field and entry below a place, itself included. */
function listPlaces(holder: Place['holder'] | object, key: string | number, schema: StructuralSchema | undefined): Place[] {
  const value = (holder as Record<string | number, Json>)[key]
  const here: Place = { holder: holder as Record<string, Json>, key, schema }
  if (Array.isArray(value)) return [here, ...value.flatMap((_, index) => listPlaces(value, index, schema?.items))]
  if (typeof value !== 'object' || value === null) return [here]
  return [here, ...Object.keys(value).flatMap((name) => listPlaces(value, name, schema?.properties?.[name] ?? schema?.additionalProperties))]
}

const edges: readonly Json[] = [
  null, '', 'a', 'A b', '🙂', 'é', 'a\nb', '0', '1', 'true', '60s', '0s', '1.5s', '0.0001s', '1ms', '7s', '1h', '99999h', '999999h', '1h30m', '5d', '$.a', '$', "$['a b']", 'a:1', 'a:1\n', '60s\n', 'a:1,b:2', 'a b:1', 'device-%d',
  0, 1, 2, -1, 0.5, 1.5, 7, 1e6, 1e15, 2 ** 53, 1e300, true, false, [], {}, [null], ['a'], ['a', 'a'], [{}], { a: 'b' }, { name: 'a' }, { a: null }, 'Strimzi', 'DeviceType', 'Delete', 'mean',
]

function mutate({ holder, key, schema }: Place, what: number, pick: number): void {
  const target = holder as Record<string | number, Json>
  const value = target[key]
  if (what < 20 && key !== 'spec') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete target[key]
  } else if (what < 35 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    // A field that the schema has and the object has not yet, with some value; now and then one that nobody knows.
    const names = [...Object.keys(schema?.properties ?? { extra: {} }), 'unknownField']
    const name = names[pick % names.length]!
    ;(value as Record<string, Json>)[name] = structuredClone(edges[pick % edges.length])
  } else if (what < 45 && Array.isArray(value) && value.length > 0) {
    value.push(structuredClone(value[pick % value.length]))
  } else if (what < 75 && schema !== undefined) {
    const bounds = boundsOf(schema)
    target[key] = bounds[pick % bounds.length]
  } else target[key] = structuredClone(edges[pick % edges.length])
}

/** Values on both sides of every bound of a schema. */
function boundsOf(schema: StructuralSchema): Json[] {
  const around = (bound: number | undefined) => (bound === undefined ? [] : [bound - 1, bound, bound + 1])
  const lengths = [schema.minLength, schema.maxLength].flatMap(around).filter((length) => length >= 0 && length < 3_000)
  return [
    ...(schema.enum ?? []),
    ...around(schema.minimum),
    ...around(schema.maximum),
    ...lengths.flatMap((length) => ['a'.repeat(length), '🙂'.repeat(length)]),
    ...(schema.maxProperties === undefined ? [] : [Object.fromEntries(Array.from({ length: schema.maxProperties + 1 }, (_, index) => [`k${index}`, '1']))]),
    ...(schema.additionalProperties === undefined ? [] : [{ ['k'.repeat(253)]: '1' }, { ['🙂'.repeat(128)]: '1' }, { ['k'.repeat(400)]: '1' }, { '': '1' }]),
    ...(schema.maxItems === undefined || schema.maxItems > 300 ? [] : [Array.from({ length: schema.maxItems + 1 }, () => 'mean')]),
    schema.default ?? null,
    'a',
  ]
}
