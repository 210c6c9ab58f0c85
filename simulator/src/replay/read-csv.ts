import { createReadStream } from 'node:fs'
import { parse, type CsvError } from 'csv-parse'
import { cellToJson } from './cell.ts'
import { longestRow, type Row, type RowProblem } from './row.ts'

interface ParsedRecord {
  info: { lines: number }
  record: string[]
}

/**
 * Reads a CSV with a header row, a piece at a time: memory does not grow with the file.
 *
 * The first value is the header, the others are the rows; a row that cannot be read comes as a problem in
 * between.
 */
export async function* readCsv(file: string, delimiter: string): AsyncGenerator<string[] | Row | RowProblem, void, undefined> {
  const problems: RowProblem[] = []
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    // A stray quote inside a cell is text; without this the rest of the file would be taken for one cell.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestRow,
    on_skip: (error: CsvError | undefined) => {
      const line = Number(error?.['lines'] ?? 0)
      problems.push(
        error?.code === 'CSV_MAX_RECORD_SIZE'
          ? { line, kind: 'tooLong', problem: `is longer than ${longestRow} bytes` }
          : { line, kind: 'syntax', problem: `is not valid CSV: ${error?.message ?? 'unknown error'}` },
      )
      return undefined
    },
  })
  const stream = createReadStream(file)
  stream.on('error', (error) => parser.destroy(error))
  stream.pipe(parser)
  let header: string[] | undefined
  let indexes = new Map<string, number>()
  try {
    for await (const { info, record } of parser as AsyncIterable<ParsedRecord>) {
      // The parser reads ahead, so it may have stumbled already over rows that come after this one.
      while (problems[0] !== undefined && problems[0].line <= info.lines) yield problems.shift()!
      if (header === undefined) {
        header = record
        indexes = new Map(record.map((name, index) => [name, index]))
        yield header
      } else if (record.length !== header.length) {
        yield { line: info.lines, kind: 'columns', problem: `has ${record.length} cells, but there are ${header.length} columns` }
      } else {
        yield new CsvRow(info.lines, header, indexes, record)
      }
    }
    yield* problems
  } finally {
    stream.destroy()
  }
}

class CsvRow implements Row {
  readonly line: number
  readonly columns: readonly string[]
  readonly #indexes: ReadonlyMap<string, number>
  readonly #cells: readonly string[]

  constructor(line: number, columns: readonly string[], indexes: ReadonlyMap<string, number>, cells: readonly string[]) {
    this.line = line
    this.columns = columns
    this.#indexes = indexes
    this.#cells = cells
  }

  textOf(column: string): string | undefined {
    const index = this.#indexes.get(column)
    return index === undefined ? undefined : this.#cells[index]
  }

  jsonOf(column: string): string {
    return cellToJson(this.textOf(column) ?? '')
  }
}
