import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderInvalid, figure, type Benchmark, type Result } from '../benchmark.ts'
import type { Contender, Scored, Series } from '../contender.ts'
import { columnOf, numbersOf, readTable, type Table } from '../read-table.ts'
import { computeRocAuc, findBestClassScore, scoreClasses, type LabelledScore } from './score.ts'

const file = 'ciciot2023_derived_sample.csv'
const benignLabels = ['Benign_Final', 'BenignTraffic', 'BENIGN']

interface Flows {
  series: Series
  /** One per row. */
  isAttack: boolean[]
  duplicates: number
}

/**
 * Flows of a site without their duplicates: the first half of the benign ones for learning, then the others and all attacks in the order of
 * the file, which has no times.
 *
 * @throws DataFolderInvalid
 */
export function flowsBenchmark(folder: string): Benchmark {
  const flows = loadFlows(join(folder, 'flows', file))
  const { series, isAttack, duplicates } = flows
  const attacks = isAttack.filter(Boolean).length
  return {
    name: 'flows',
    title: `Flows: ${series.rows.length} after ${duplicates} duplicates are dropped; the first ${series.training} benign ones are learned, by that are judged ${series.rows.length - attacks - series.training} benign ones and ${attacks} attacks`,
    columns: ['ROC-AUC', 'macro-F1', 'benign false alarms %', 'tuned macro-F1', 'benign false alarms %'],
    notes: [
      'ROC-AUC needs no threshold. macro-F1, benign false alarms: label-free, with the contender\'s own boundary. tuned: the threshold with the best macro-F1, chosen on the labels.',
      'Derived from CICIoT2023 traffic, for integration: not to be set beside figures published for that data set. No goal.',
    ],
    run: async (contender) => summarise(contender, await contender.score(series), flows),
  }
}

function loadFlows(path: string): Flows {
  if (!existsSync(path)) throw new DataFolderInvalid(`There is no ${path}: put the sample of flows there, with a column Label`)
  const table = readTable(path, ',')
  const label = columnOf(table, 'Label')
  const columns = table.columns.filter((_, i) => i !== label)
  const unique = [...new Map(table.rows.map((cells) => [cells.join(','), cells])).values()]
  const isBenign = (cells: readonly string[]) => benignLabels.includes(cells[label]!)
  const benign = unique.filter(isBenign)
  if (benign.length < 2) throw new DataFolderInvalid(`${path}: no benign flows; they have the label ${benignLabels.join(' or ')}`)
  const training = benign.slice(0, benign.length >> 1)
  const isTraining = new Set(training)
  const ordered = [...training, ...unique.filter((cells) => !isTraining.has(cells))]
  const sorted: Table = { ...table, rows: ordered }
  return {
    series: { name: file, columns, rows: numbersOf(sorted, columns), timesMs: Float64Array.from(ordered, (_, i) => i * 1_000), training: training.length },
    isAttack: ordered.map((cells) => !isBenign(cells)),
    duplicates: table.rows.length - unique.length,
  }
}

function summarise({ name }: Contender, { scores, flags }: Scored, { series, isAttack }: Flows): Result {
  const rowsOf = (values: ArrayLike<number>): LabelledScore[] => Array.from(values, (score, i) => ({ score, isAttack: isAttack[i]! })).slice(series.training)
  const rocAuc = computeRocAuc(rowsOf(scores))
  const free = flags === undefined ? undefined : scoreClasses(rowsOf(flags), 1)
  const tuned = findBestClassScore(rowsOf(scores))
  const two = (part: typeof free) => [figure(part?.macroF1, 3), figure(part && 100 * part.benignFalseAlarmRate, 1)]
  return {
    contender: name,
    rows: [[figure(rocAuc, 4), ...two(free), ...two(tuned)]],
    json: { rocAuc, macroF1: free?.macroF1 ?? null, benignFalseAlarmRate: free?.benignFalseAlarmRate ?? null, tuned },
    missed: [],
    details: [],
  }
}
