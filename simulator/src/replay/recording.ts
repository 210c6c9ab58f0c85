import { stat } from 'node:fs/promises'
import type { ReplaySpec } from '@tidewatch/api'
import { codeOf, messageOf } from '@tidewatch/kit'
import { RecordingInvalid } from '../errors.ts'
import { readCsv } from './read-csv.ts'
import { readJsonLines } from './read-json-lines.ts'
import { isProblem, type Row, type RowProblem } from './row.ts'

/** A file of readings, checked as far as that goes without reading it. */
export interface Recording {
  file: string
  /** Reads it from the start. Each call opens the file anew. */
  rows(): AsyncGenerator<Row | RowProblem, void, undefined>
}

/**
 * Finds a recording and holds its header against the columns that the fleet names.
 *
 * @throws RecordingInvalid with one sentence when there is no such file, or a CSV lacks a column that is named.
 */
export async function openRecording(spec: ReplaySpec): Promise<Recording> {
  const { file, format } = spec
  if (file === undefined) throw new RecordingInvalid('A recording can only be read from a file on this machine: write devices.replay.file')
  if (format === 'Parquet') throw new RecordingInvalid(`The recording ${file} is to be read as Parquet, which is not available yet: write Csv or JsonLines`)
  await assertFile(file)
  if (format === 'JsonLines') return { file, rows: () => readJsonLines(file) }
  await checkHeader(file, spec)
  return { file, rows: () => readCsvRows(file, spec.delimiter) }
}

async function assertFile(file: string): Promise<void> {
  try {
    if (!(await stat(file)).isFile()) throw new RecordingInvalid(`The recording ${file} is not a file`)
  } catch (error) {
    if (error instanceof RecordingInvalid) throw error
    if (codeOf(error) === 'ENOENT') throw new RecordingInvalid(`There is no recording ${file}: correct devices.replay.file`, { cause: error })
    throw new RecordingInvalid(`The recording ${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

async function checkHeader(file: string, { delimiter, device, eventTime, label, fields }: ReplaySpec): Promise<void> {
  const header = await readHeader(file, delimiter)
  if (header === undefined) throw new RecordingInvalid(`The recording ${file} is empty: its first line must name the columns`)
  const repeated = header.find((name, index) => header.indexOf(name) !== index)
  if (repeated !== undefined) throw new RecordingInvalid(`The recording ${file} has the column "${repeated}" twice`)
  const named = [device, eventTime?.column, label?.column, ...Object.keys(fields ?? {})]
  const missing = named.find((column) => column !== undefined && !header.includes(column))
  if (missing !== undefined) {
    throw new RecordingInvalid(`The recording ${file} has no column "${missing}": it has ${header.map((column) => `"${column}"`).join(', ')}`)
  }
}

async function readHeader(file: string, delimiter: string): Promise<string[] | undefined> {
  for await (const header of readCsv(file, delimiter)) {
    if (Array.isArray(header)) return header
    throw new RecordingInvalid(`The recording ${file} has a header that ${isProblem(header) ? header.problem : 'cannot be read'}`)
  }
  return undefined
}

async function* readCsvRows(file: string, delimiter: string): AsyncGenerator<Row | RowProblem, void, undefined> {
  for await (const row of readCsv(file, delimiter)) if (!Array.isArray(row)) yield row
}
