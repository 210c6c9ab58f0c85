import { readFileSync } from 'node:fs'
import { messageOf } from '@tidewatch/kit'
import { DataFolderInvalid } from './benchmark.ts'

/** A file of separated values without quotes, which is what all the corpora are. */
export interface Table {
  file: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/** @throws DataFolderInvalid naming the file, and the line that has other columns than the header. */
export function readTable(file: string, delimiter: string): Table {
  const [header = '', ...lines] = readText(file).replace(/^\uFEFF/, '').split(/\r?\n/)
  const columns = header.split(delimiter)
  const rows = lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const cells = line.split(delimiter)
    if (cells.length !== columns.length) throw new DataFolderInvalid(`${file}, line ${i + 2}: ${cells.length} values where the header has ${columns.length} columns: take the file from its source again`)
    return [cells]
  })
  if (rows.length === 0) throw new DataFolderInvalid(`${file}: no rows below the header: take the file from its source again`)
  return { file, columns, rows }
}

/** @throws DataFolderInvalid naming the file. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DataFolderInvalid(`Cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws DataFolderInvalid naming the columns that there are. */
export function columnOf({ file, columns }: Table, name: string): number {
  const at = columns.indexOf(name)
  if (at < 0) throw new DataFolderInvalid(`${file}: no column "${name}"; there are ${columns.join(', ')}`)
  return at
}

/** The numbers of some columns, row by row. @throws DataFolderInvalid naming the line of what is no number. */
export function numbersOf(table: Table, names: readonly string[]): Float64Array[] {
  const at = names.map((name) => columnOf(table, name))
  return table.rows.map((cells, i) =>
    Float64Array.from(at, (column) => {
      const text = cells[column]!
      const number = Number(text)
      if (text.trim() === '' || !Number.isFinite(number)) throw new DataFolderInvalid(`${table.file}, line ${i + 2}: "${text}" in the column "${table.columns[column]!}" is no number`)
      return number
    }),
  )
}

/** Moments like `2014-02-14 14:30:00`, taken as UTC; one that falls (a clock put back) is raised to the one before. */
export function timesOf(table: Table, name: string): Float64Array {
  const at = columnOf(table, name)
  let latest = -Infinity
  return Float64Array.from(table.rows, (cells, i) => {
    const ms = Date.parse(`${cells[at]!.slice(0, 19).replace(' ', 'T')}Z`)
    if (Number.isNaN(ms)) throw new DataFolderInvalid(`${table.file}, line ${i + 2}: "${cells[at]!}" in the column "${name}" is no time`)
    return (latest = Math.max(latest, ms))
  })
}
