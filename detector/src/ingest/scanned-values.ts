import type { ReadingMapping } from '@tidewatch/api'
import { ByteInterner, longestInterned } from './byte-interner.ts'
import { found, type FieldScanner } from './field-scanner.ts'
import type { FieldTree } from './field-tree.ts'
import { isAt } from './json-bytes.ts'
import type { RawRecord } from './reader.ts'
import type { Reading } from './reading.ts'
import { maxMagnitude } from './values.ts'

/** Fills in names and values of a reading. `unusual`: the parser has to look at the record. */
export type ValuesScanner = (record: RawRecord, reading: Reading) => 'read' | 'passedOver' | 'unusual'

/** Names beyond are made up, and not worth remembering for long. */
const mostMetrics = 4_096

/** Compiles the part of a mapping that says where values are, for a record whose fields were found. */
export function createValuesScanner(mapping: ReadingMapping, tree: FieldTree, scanner: FieldScanner): ValuesScanner {
  const categories = createCategoriesScanner(mapping.categories, tree, scanner)
  if (mapping.metric !== undefined) return createLongScanner(mapping.metric, categories, tree, scanner)
  const { kinds, numbers } = scanner
  const wide = mapping.values ?? []
  const fields = wide.map(({ path }) => tree.fieldOf(path))
  const names = [...wide.map(({ name }) => name), ...categories.names]
  const values = new Array<number>(names.length).fill(0.5)
  return (record, reading) => {
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      const kind = kinds[field]
      if (kind === found.number && Math.abs(numbers[field]!) <= maxMagnitude) values[i] = numbers[field]!
      else if (kind === found.true) values[i] = 1
      else if (kind === found.false) values[i] = 0
      else return 'unusual'
    }
    if (!categories.read(record, values, fields.length)) return 'unusual'
    reading.names = names
    reading.values = values
    return 'read'
  }
}

function createLongScanner(metric: NonNullable<ReadingMapping['metric']>, categories: CategoriesScanner, tree: FieldTree, { kinds, starts, ends, numbers }: FieldScanner): ValuesScanner {
  const nameField = tree.fieldOf(metric.name)
  const valueField = tree.fieldOf(metric.value)
  const only = metric.only === undefined ? undefined : new Set(metric.only)
  const namesOf = new ByteInterner((name) => (only !== undefined && !only.has(name) ? undefined : [name, ...categories.names]), mostMetrics)
  const values = new Array<number>(1 + categories.names.length).fill(0.5)
  return (record, reading) => {
    const start = starts[nameField]!
    const end = ends[nameField]!
    if (kinds[nameField] !== found.text || start === end || end - start > longestInterned) return 'unusual'
    const names = namesOf.valueOf(namesOf.numberOf(record.bytes, start, end))
    if (names === undefined) return 'passedOver'
    const value = numbers[valueField]!
    if (kinds[valueField] !== found.number || Math.abs(value) > maxMagnitude) return 'unusual'
    values[0] = value
    if (!categories.read(record, values, 1)) return 'unusual'
    reading.names = names
    reading.values = values
    return 'read'
  }
}

interface CategoriesScanner {
  names: readonly string[]
  /** Writes one value for each name, from `at` on. @returns false where the parser has to look at it. */
  read(record: RawRecord, values: number[], at: number): boolean
}

function createCategoriesScanner(categories: ReadingMapping['categories'], tree: FieldTree, { kinds, starts, ends }: FieldScanner): CategoriesScanner {
  const plans = categories.map(({ path, values }) => ({ field: tree.fieldOf(path), values: values.map((value) => Buffer.from(value)), isPlain: values.every((value) => /^[ -~]*$/.test(value)) }))
  return {
    names: categories.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`)),
    read({ bytes }, values, from) {
      let at = from
      for (let i = 0; i < plans.length; i++) {
        const { field, values: known, isPlain } = plans[i]!
        // Bytes that are no UTF-8 become a character that a known value might hold.
        if (kinds[field] !== found.text || !isPlain) return false
        const start = starts[field]!
        const length = ends[field]! - start
        for (let k = 0; k < known.length; k++) values[at++] = known[k]!.length === length && isAt(bytes, start, known[k]!) ? 1 : 0
      }
      return true
    },
  }
}
