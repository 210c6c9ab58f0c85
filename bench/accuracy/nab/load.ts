import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderInvalid } from '../benchmark.ts'
import type { Series } from '../contender.ts'
import { columnOf, numbersOf, readTable, readText, timesOf, type Table } from '../read-table.ts'
import type { RowWindow } from './score.ts'

/** A series of the corpus with the labels that no contender sees. */
export interface NabSeries {
  series: Series
  windows: readonly RowWindow[]
}

const layout = 'the Numenta Anomaly Benchmark has <group>/<series>.csv in nab/data and combined_windows.json in nab/labels'

/**
 * Every series below `nab/data`, by name, with its windows.
 *
 * @param folder the data folder.
 * @throws DataFolderInvalid
 */
export function loadNab(folder: string): NabSeries[] {
  const data = join(folder, 'nab', 'data')
  const labelFile = join(folder, 'nab', 'labels', 'combined_windows.json')
  if (!existsSync(data)) throw new DataFolderInvalid(`There is no ${data}: ${layout}`)
  const labels = readLabels(labelFile)
  const names = readdirSync(data, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.csv'))
    .map((entry) => join(entry.parentPath, entry.name).slice(data.length + 1))
    .sort()
  if (names.length === 0) throw new DataFolderInvalid(`There is no series in ${data}: ${layout}`)
  return names.map((name) => {
    const spans = labels[name]
    if (spans === undefined) throw new DataFolderInvalid(`${labelFile} says nothing of ${name}: take both from the same release of the benchmark`)
    const table = readTable(join(data, name), ',')
    return {
      series: { name, columns: ['value'], rows: numbersOf(table, ['value']), timesMs: timesOf(table, 'timestamp'), training: 0 },
      windows: spans.map((span) => findRows(table, span)),
    }
  })
}

/** The detectors whose scores lie in `nab/results`; none where that is not there. */
export function listPublished(folder: string): string[] {
  const results = join(folder, 'nab', 'results')
  return existsSync(results) ? readdirSync(results).sort() : []
}

/** The published scores of a detector, in the order of a series' rows. */
export function readPublishedScores(folder: string, detector: string, series: string): Float64Array {
  const [group = '', file = ''] = series.split('/')
  const table = readTable(join(folder, 'nab', 'results', detector, group, `${detector}_${file}`), ',')
  return Float64Array.from(numbersOf(table, ['anomaly_score']), ([score]) => score!)
}

function readLabels(file: string): Record<string, [string, string][]> {
  const text = readText(file)
  try {
    return JSON.parse(text) as Record<string, [string, string][]>
  } catch (error) {
    throw new DataFolderInvalid(`${file}: this is not JSON; ${layout}`, { cause: error })
  }
}

/** Labels name moments to the microsecond, rows to the second. A clock put back shows a moment twice: the first is meant. */
function findRows(table: Table, [from, to]: [string, string]): RowWindow {
  const time = columnOf(table, 'timestamp')
  const rowOf = (moment: string) => {
    const row = table.rows.findIndex((cells) => cells[time]!.slice(0, 19) === moment.slice(0, 19))
    if (row < 0) throw new DataFolderInvalid(`${table.file} has no row of ${moment}, where a labelled window begins or ends: take data and labels from the same release`)
    return row
  }
  return { first: rowOf(from), last: rowOf(to) }
}
