import { createReadStream } from 'node:fs'
import { longestRow, type Row, type RowProblem } from './row.ts'

/** A text in quotes, or one of the names that Python and others write for what JSON cannot say. */
const notJson = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

/** Reads a file with one JSON object on each line. NaN and infinities, which JSON does not have, become null. */
export async function* readJsonLines(file: string): AsyncGenerator<Row | RowProblem, void, undefined> {
  let line = 0
  for await (const text of readLines(file)) {
    line++
    if (text === undefined) yield { line, kind: 'tooLong', problem: `is longer than ${longestRow} bytes` }
    else if (text.trim() !== '') yield parseRow(text, line)
  }
}

function parseRow(text: string, line: number): Row | RowProblem {
  let value: unknown
  try {
    value = parseLenient(text)
  } catch (error) {
    return { line, kind: 'syntax', problem: `is not valid JSON: ${(error as Error).message}` }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { line, kind: 'syntax', problem: 'is not a JSON object' }
  return new JsonRow(line, value as Record<string, unknown>)
}

function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    return JSON.parse(text.replace(notJson, (found) => (found.startsWith('"') ? found : 'null')))
  }
}

class JsonRow implements Row {
  readonly line: number
  readonly columns: readonly string[]
  readonly #value: Record<string, unknown>

  constructor(line: number, value: Record<string, unknown>) {
    this.line = line
    this.columns = Object.keys(value)
    this.#value = value
  }

  textOf(column: string): string | undefined {
    if (!Object.hasOwn(this.#value, column)) return undefined
    const value = this.#value[column]
    return typeof value === 'string' ? value : JSON.stringify(value)
  }

  jsonOf(column: string): string {
    return Object.hasOwn(this.#value, column) ? JSON.stringify(this.#value[column]) : 'null'
  }
}

/** Lines of a UTF-8 file; undefined stands for one that is too long, of which no more than that is held. */
async function* readLines(file: string): AsyncGenerator<string | undefined, void, undefined> {
  let rest = ''
  let isTooLong = false
  for await (const chunk of createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      yield isTooLong || line.length > longestRow ? undefined : line
      isTooLong = false
    }
    if (rest.length > longestRow) {
      isTooLong = true
      rest = ''
    }
  }
  if (isTooLong) yield undefined
  else if (rest !== '') yield rest
}
