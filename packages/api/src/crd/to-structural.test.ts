import { assert as check, boolean, constantFrom, dictionary, integer, property, record, stringMatching } from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { mapOf } from '../map.ts'
import { matching, withRules } from '../rules.ts'
import { text } from '../text.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { toStructural } from './to-structural.ts'

const inField = (schema: z.ZodType) => z.strictObject({ field: schema })
const shapeOf = (schema: z.ZodType): StructuralSchema | undefined => toStructural(inField(schema.describe('A field.')), 'spec').properties?.['field']

describe('what a CRD holds comes out as it is', () => {
  test.each<[string, z.ZodType, StructuralSchema]>([
    ['a strict object, without additionalProperties', z.strictObject({ a: z.boolean().describe('A.') }), { description: 'A field.', type: 'object', required: ['a'], properties: { a: { description: 'A.', type: 'boolean' } } }],
    ['an object without fields', z.strictObject({}), { description: 'A field.', type: 'object', properties: {} }],
    ['a default, which makes a field optional', z.boolean().default(false), { description: 'A field.', type: 'boolean', default: false }],
    ['the default of an object that may be absent', z.strictObject({ a: z.boolean().default(true).describe('A.') }).prefault({}), { description: 'A field.', type: 'object', default: {}, properties: { a: { description: 'A.', type: 'boolean', default: true } } }],
    ['a whole number with bounds', z.int().min(1).max(9), { description: 'A field.', type: 'integer', minimum: 1, maximum: 9 }],
    ['a number above a bound, as OpenAPI 3.0 says it', z.number().gt(0), { description: 'A field.', type: 'number', minimum: 0, exclusiveMinimum: true }],
    ['a choice of words', z.enum(['A', 'B']), { description: 'A field.', type: 'string', enum: ['A', 'B'] }],
    ['one word', z.literal('A'), { description: 'A field.', type: 'string', enum: ['A'] }],
    ['a text, counted in characters', text(1, 9), { description: 'A field.', type: 'string', minLength: 1, maxLength: 9 }],
    ['a list', z.array(z.boolean()).min(1).max(3), { description: 'A field.', type: 'array', minItems: 1, maxItems: 3, items: { type: 'boolean' } }],
    ['examples, left out', z.boolean().meta({ examples: [true] }), { description: 'A field.', type: 'boolean' }],
    ['list types', z.array(z.enum(['A'])).max(3).meta({ 'x-kubernetes-list-type': 'set' }), { description: 'A field.', type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'set', items: { type: 'string', enum: ['A'] } }],
    [
      'anything, where it is said',
      z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true }),
      { description: 'A field.', type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ],
    ['text or number', z.union([z.int(), z.string()]).meta({ maxLength: 9 }), { description: 'A field.', 'x-kubernetes-int-or-string': true, maxLength: 9, 'x-kubernetes-validations': [] }],
    [
      'a map with bounded keys',
      mapOf(z.boolean(), { maxEntries: 4, maxKeyLength: 63 }),
      {
        description: 'A field.',
        type: 'object',
        maxProperties: 4,
        additionalProperties: { type: 'boolean' },
        'x-kubernetes-validations': [{ rule: 'self.all(key, key.size() <= 63)', message: 'a key is too long: write at most 63 characters' }],
      },
    ],
    [
      'a pattern, with its sentence in CEL',
      matching(text(0, 9), /^a'b$/, 'is not it: write "a\'b"'),
      {
        description: 'A field.',
        type: 'string',
        maxLength: 9,
        pattern: "^a'b$",
        'x-kubernetes-validations': [
          { rule: String.raw`self.matches('^a\'b$')`, message: 'the text is not it: write "a\'b"', messageExpression: String.raw`'"' + self + '" is not it: write "a\'b"'` },
        ],
      },
    ],
    ['the side of a pipe that is written', z.boolean().transform(String), { description: 'A field.', type: 'boolean' }],
  ])('%s', (_, schema, wanted) => {
    expect(shapeOf(schema)).toEqual(wanted)
  })

  test('rules keep their order, point at their field, and those on changes are CEL alone', () => {
    const schema = withRules(
      withRules(z.strictObject({ a: z.boolean().describe('A.') }), { cel: 'self.a', message: 'write true', field: 'a', holds: ({ a }) => a }),
      { transition: 'self.a == oldSelf.a', message: 'leave it' },
    )
    expect(shapeOf(schema)?.['x-kubernetes-validations']).toEqual([
      { rule: 'self.a', message: 'write true', fieldPath: '.a' },
      { rule: 'self.a == oldSelf.a', message: 'leave it' },
    ])
    expect(schema.safeParse({ a: false }).error?.issues.map(({ path, message }) => [path, message])).toEqual([[['a'], 'write true']])
  })
})

describe('what a CRD cannot hold is refused with its path', () => {
  const described = z.boolean().describe('A.')
  test.each<[string, z.ZodType, string]>([
    ['a discriminated union', z.discriminatedUnion('a', [z.strictObject({ a: z.literal('x') }), z.strictObject({ a: z.literal('y') })]), 'spec.field: a discriminated union is not structural: write optional members and exactlyOneOf'],
    ['a union', z.union([z.boolean(), z.int().min(1).max(2)]), 'spec.field: a union is not structural: write optional members and exactlyOneOf'],
    ['two patterns', text(0, 9).regex(/a/).regex(/b/), 'spec.field: an intersection is not structural: write one object, and one pattern for a string'],
    ['null', z.boolean().nullable(), 'spec.field: null is dropped by the API server before it looks: write optional'],
    ['a loose object', z.looseObject({ a: described }), 'spec.field: additionalProperties and properties are mutually exclusive: write strictObject'],
    ['a map without bounds', z.record(z.string(), z.boolean()), 'spec.field: has no maxProperties, without which the cost of its rules is unknown: write mapOf'],
    ['anything', z.unknown(), 'spec.field: has no type: write a schema that says what it is, or an object with x-kubernetes-preserve-unknown-fields'],
    ['a big integer', z.bigint(), 'spec.field: has no type: write a schema that says what it is, or an object with x-kubernetes-preserve-unknown-fields'],
    ['a date', z.date(), 'spec.field: has no type: write a schema that says what it is, or an object with x-kubernetes-preserve-unknown-fields'],
    ['a whole number without bounds', z.int(), 'spec.field: has no bounds of its own: write min and max'],
    ['a text without a length', z.string(), 'spec.field: has no maxLength: write text(min, max)'],
    ['a text counted in UTF-16 units', z.string().max(9), 'spec.field: zod counts UTF-16 units, the API server characters: write text(min, max)'],
    ['a list without a length', z.array(z.boolean()), 'spec.field: has no maxItems: write max'],
    ['a field without a description', z.strictObject({ inner: z.boolean() }), 'spec.field.inner: has no description, which kubectl explain shows: write describe'],
    ['a refinement that CEL does not know of', z.boolean().refine((value) => value), 'spec.field: a refinement without CEL: write it with withRules'],
    ['a check that changes the value', text(0, 9).trim(), 'spec.field: the API server does not do what the check overwrite does'],
    ['a pattern of JavaScript alone', matching(text(0, 9), /^(?!a)/, 'is wrong'), 'spec.field: RE2 has no look-around'],
    ['a mistake inside a list', z.array(z.strictObject({ a: z.unknown().describe('A.') })).max(2), 'spec.field[].a: has no type: write a schema that says what it is, or an object with x-kubernetes-preserve-unknown-fields'],
    ['a mistake inside a map', mapOf(z.string(), { maxEntries: 2, maxKeyLength: 9 }), 'spec.field{}: has no maxLength: write text(min, max)'],
  ])('%s', (_, schema, message) => {
    expect(() => shapeOf(schema)).toThrow(message)
  })

  test('recursion', () => {
    interface Tree {
      children?: Tree[] | undefined
    }
    const tree: z.ZodType<Tree> = z.strictObject({
      get children() {
        return z.array(tree).max(2).optional().describe('Below.')
      },
    })
    expect(() => shapeOf(tree)).toThrow(/spec.*a CRD has no references/)
  })
})

test('whatever the fields, their keywords survive and no keyword is added', () => {
  const field = record({ name: stringMatching(/^[a-z]{1,8}$/), isOptional: boolean(), max: integer({ min: 1, max: 99 }), type: constantFrom('text', 'number', 'list') })
  check(
    property(dictionary(stringMatching(/^[a-z]{1,8}$/), field, { maxKeys: 6 }), (fields) => {
      const shape = Object.entries(fields).map(([name, { isOptional, max, type }]) => {
        const schema = type === 'text' ? text(0, max) : type === 'number' ? z.int().min(0).max(max) : z.array(z.boolean()).max(max)
        return [name, (isOptional ? schema.optional() : schema).describe(name)]
      })
      const converted = toStructural(z.strictObject(Object.fromEntries(shape)))
      expect(Object.keys(converted.properties ?? {})).toEqual(Object.keys(fields))
      expect([...(converted.required ?? [])].sort()).toEqual(Object.entries(fields).filter(([, { isOptional }]) => !isOptional).map(([name]) => name).sort())
      for (const [name, { max, type }] of Object.entries(fields)) {
        const keyword = { text: 'maxLength', number: 'maximum', list: 'maxItems' } as const
        expect(converted.properties?.[name]?.[keyword[type]]).toBe(max)
      }
    }),
  )
})
