import type { ReadingMapping } from '@tidewatch/api'
import { compilePath, type PathReader } from './json-path.ts'
import type { Reading } from './reading.ts'
import { reject, wanted, type Rejection } from './rejection.ts'

/** Fills in the names and values of a reading; says why not, or that the metric is none of those asked for. */
export type ValuesReader = (document: Record<string, unknown>, reading: Reading) => Rejection | 'passedOver' | undefined

/** Larger numbers overflow when they are squared and summed; no device measures them. */
export const maxMagnitude = 1e100

const nonFiniteTexts = new Set(['nan', '+nan', '-nan', 'inf', '+inf', '-inf', 'infinity', '+infinity', '-infinity'])

/** Compiles the part of a mapping that says where values are. */
export function createValuesReader(mapping: ReadingMapping): ValuesReader {
  const readCategories = createCategoriesReader(mapping.categories)
  if (mapping.metric) return createLongReader(mapping.metric, readCategories)
  if (mapping.values) return createWideReader(mapping.values, readCategories)
  if (mapping.allNumbers) return createAllNumbersReader(mapping.allNumbers.except, readCategories)
  return (document, reading) => {
    const values: number[] = []
    reading.names = readCategories.names
    reading.values = values
    return readCategories.read(document, values)
  }
}

/** Long form: one metric in a record, its name in one field and its value in another. */
function createLongReader(metric: NonNullable<ReadingMapping['metric']>, categories: CategoriesReader): ValuesReader {
  const readName = compilePath(metric.name)
  const readValue = compilePath(metric.value)
  const only = metric.only === undefined ? undefined : new Set(metric.only)
  const namesByMetric = new NamesCache(categories.names)
  return (document, reading) => {
    const name = readName(document)
    if (typeof name !== 'string' || name === '') return wanted(metric.name, name, 'the name of a metric')
    if (only !== undefined && !only.has(name)) return 'passedOver'
    const value = readValue(document)
    if (typeof value !== 'number' || !(Math.abs(value) <= maxMagnitude)) return badNumber(metric.value, value)
    const values = [value]
    reading.names = namesByMetric.of(name)
    reading.values = values
    return categories.read(document, values)
  }
}

/** Wide form: named values in every record. */
function createWideReader(fields: NonNullable<ReadingMapping['values']>, categories: CategoriesReader): ValuesReader {
  const readers = fields.map(({ path }) => ({ path, read: compilePath(path) }))
  const names = [...fields.map(({ name }) => name), ...categories.names]
  return (document, reading) => {
    const values: number[] = []
    for (const { path, read } of readers) {
      const value = read(document)
      if (typeof value === 'boolean') values.push(value ? 1 : 0)
      else if (typeof value === 'number' && Math.abs(value) <= maxMagnitude) values.push(value)
      else return badNumber(path, value)
    }
    reading.names = names
    reading.values = values
    return categories.read(document, values)
  }
}

/** Every top-level field that holds a number. */
function createAllNumbersReader(except: readonly string[], categories: CategoriesReader): ValuesReader {
  const excluded = new Set(except)
  let known: readonly string[] = []
  return (document, reading) => {
    const values: number[] = []
    let names = known
    // Records of one stream hold the same fields in the same order, so the names of the last one mostly fit.
    for (const field in document) {
      const value = document[field]
      if (typeof value !== 'number' || excluded.has(field)) continue
      if (!(Math.abs(value) <= maxMagnitude)) return badNumber(`$['${field}']`, value)
      if (names[values.length] !== field) names = [...names.slice(0, values.length), field]
      values.push(value)
    }
    if (values.length === 0) return reject('missingField', 'no top-level field holds a number')
    const ofNumbers = values.length
    const expectedLength = ofNumbers + categories.names.length
    if (names !== known || names.length !== expectedLength) names = [...names.slice(0, ofNumbers), ...categories.names]
    known = names
    reading.names = names
    reading.values = values
    return categories.read(document, values)
  }
}

interface CategoriesReader {
  names: readonly string[]
  /** Appends one value for each name. */
  read(document: unknown, values: number[]): Rejection | undefined
}

/** Each value to tell apart becomes a metric `name=value` of 1 or 0; a value that is not listed makes all of them 0. */
function createCategoriesReader(categories: ReadingMapping['categories']): CategoriesReader {
  const readers: { path: string; read: PathReader; values: readonly string[] }[] = categories.map(({ path, values }) => ({ path, read: compilePath(path), values }))
  return {
    names: categories.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`)),
    read(document, values) {
      for (const { path, read, values: known } of readers) {
        const found = read(document)
        const text = typeof found === 'number' || typeof found === 'boolean' ? String(found) : found
        if (typeof text !== 'string') return wanted(path, found, 'a text')
        for (const one of known) values.push(one === text ? 1 : 0)
      }
      return undefined
    },
  }
}

function badNumber(path: string, value: unknown): Rejection {
  if (typeof value === 'number') return reject('notFinite', `${path} is ${value}, which is too large to compute with`)
  if (typeof value === 'string' && nonFiniteTexts.has(value.trim().toLowerCase())) return reject('notFinite', `${path} is "${value}", which is no number to compute with`)
  return wanted(path, value, 'a number')
}

/** Bound on the names arrays kept: beyond it, names come from outside and are not worth keeping. */
const maxCachedNames = 4_096

/** One names array for each metric, so that readings of a metric share theirs. */
class NamesCache {
  readonly #rest: readonly string[]
  readonly #names = new Map<string, readonly string[]>()

  constructor(rest: readonly string[]) {
    this.#rest = rest
  }

  of(metric: string): readonly string[] {
    let names = this.#names.get(metric)
    if (names === undefined) {
      names = [metric, ...this.#rest]
      if (this.#names.size < maxCachedNames) this.#names.set(metric, names)
    }
    return names
  }
}
