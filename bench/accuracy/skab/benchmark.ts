import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderInvalid, figure, type Benchmark, type Result } from '../benchmark.ts'
import type { Contender, Scored, Series } from '../contender.ts'
import { numbersOf, readTable, timesOf } from '../read-table.ts'
import { changesOf, countFlagged, findBestOutlierThreshold, scoreChangepoints, scoreOutliers, tellConsecutive, type PooledRow } from './score.ts'

/** Rows of each run that are given for learning: the benchmark's own protocol. */
const trainingRows = 400
/** `consecutive` of the manifest that all contenders are run with: readings come once a second, and a fault lasts minutes. */
const consecutive = 3
/** The goals. */
export const goal = { f1: 0.76, falseAlarmRate: 0.27, changepoint: 26 }

interface Run {
  series: Series
  anomalous: Uint8Array
  changesMs: number[]
}

interface Judged extends Run {
  scored: Scored
}

/** The Skoltech Anomaly Benchmark: outliers and changepoints of the runs of one valve. @throws DataFolderInvalid */
export function skabBenchmark(folder: string): Benchmark {
  const runs = loadRuns(join(folder, 'skab'))
  const floor = scoreOutliers(countFlagged(runs.flatMap((run) => testRows(run, new Uint8Array(run.anomalous.length).fill(1))), 1))
  return {
    name: 'skab',
    title: `SKAB: ${runs.length} runs; rows 1-${trainingRows} of each are learned, the others are judged by that and pooled`,
    columns: ['F1', 'FAR', 'MAR', 'changepoint', 'tuned F1', 'FAR', 'MAR', 'changepoint', 'B: F1', 'FAR', 'changepoint', 'threshold of A'],
    notes: [
      `Everybody's flags are told from the third in a row on, until the third normal row (consecutive: ${consecutive} in a manifest).`,
      `F1, FAR, MAR, changepoint: label-free, with the contender's own boundary. tuned: the one threshold with the best F1 among those with FAR < ${100 * goal.falseAlarmRate} %, chosen on the labels.`,
      'B: every second run by name, from the second on, with the threshold that is tuned in that way on the other half, A.',
      `Who always says "anomaly" has F1 ${floor.f1.toFixed(3)} here. must: F1 ${goal.f1} with FAR < ${100 * goal.falseAlarmRate} %, changepoint ${goal.changepoint}, all at once, label-free or on half B with the threshold of A.`,
    ],
    run: async (contender) => {
      const judged: Judged[] = []
      for (const run of runs) judged.push({ ...run, scored: await contender.score(run.series) })
      return summarise(contender, judged)
    },
  }
}

function loadRuns(folder: string): Run[] {
  const valve = join(folder, 'valve1')
  if (!existsSync(valve)) throw new DataFolderInvalid(`There is no ${valve}: the Skoltech Anomaly Benchmark has its runs in skab/valve1/*.csv`)
  const files = readdirSync(valve).filter((name) => name.endsWith('.csv')).sort()
  if (files.length === 0) throw new DataFolderInvalid(`There is no run in ${valve}: the Skoltech Anomaly Benchmark has them in skab/valve1/*.csv`)
  return files.map((name) => {
    const table = readTable(join(valve, name), ';')
    const columns = table.columns.filter((column) => !['datetime', 'anomaly', 'changepoint'].includes(column))
    const truth = numbersOf(table, ['anomaly', 'changepoint'])
    const timesMs = timesOf(table, 'datetime')
    return {
      series: { name: `valve1/${name}`, columns, rows: numbersOf(table, columns), timesMs, training: trainingRows },
      anomalous: Uint8Array.from(truth, ([anomaly]) => anomaly!),
      changesMs: truth.flatMap(([, change], i) => (change === 1 && i >= trainingRows ? [timesMs[i]!] : [])),
    }
  })
}

const testRows = ({ anomalous }: Run, scores: ArrayLike<number>): PooledRow[] =>
  Array.from(scores).slice(trainingRows).map((score, i) => ({ score, isAnomalous: anomalous[i + trainingRows] === 1 }))

type FlagsOf = (scored: Scored) => ArrayLike<number>

const fromThreshold = (threshold: number): FlagsOf => ({ scores }) => Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0))
const own: FlagsOf = ({ flags }) => flags!
const toldOf = (run: Judged, flagsOf: FlagsOf): Uint8Array => tellConsecutive(flagsOf(run.scored), consecutive, trainingRows)

const scoreRows = (runs: readonly Judged[], flagsOf: FlagsOf) => scoreOutliers(countFlagged(runs.flatMap((run) => testRows(run, toldOf(run, flagsOf))), 1))

/** Everything there is to say of one way to flag rows. */
function judge(runs: readonly Judged[], flagsOf: FlagsOf) {
  const { f1, falseAlarmRate, missedAlarmRate } = scoreRows(runs, flagsOf)
  const changepoint = scoreChangepoints(runs.map((run) => ({ changesMs: run.changesMs, saidMs: changesOf(toldOf(run, flagsOf), run.series.timesMs, trainingRows) })))
  return { f1, far: falseAlarmRate, mar: missedAlarmRate, changepoint }
}

const tune = (runs: readonly Judged[]): number =>
  findBestOutlierThreshold(runs.flatMap(({ scored }) => Array.from(scored.scores.subarray(trainingRows))), goal.falseAlarmRate, (threshold) => scoreRows(runs, fromThreshold(threshold)))

function summarise({ name, kind }: Contender, runs: readonly Judged[]): Result {
  const hasFlags = runs.every(({ scored }) => scored.flags !== undefined)
  const free = hasFlags ? judge(runs, own) : undefined
  const threshold = tune(runs)
  const tuned = judge(runs, fromThreshold(threshold))
  const [a, b] = [0, 1].map((half) => runs.filter((_, i) => i % 2 === half)) as [Judged[], Judged[]]
  const thresholdOfA = tune(a)
  const heldBack = judge(b, fromThreshold(thresholdOfA))
  const four = (part: Judgement | undefined) => [figure(part?.f1, 3), figure(part && 100 * part.far, 1), figure(part && 100 * part.mar, 1), figure(part?.changepoint, 2)]
  const none = { f1: null, far: null, mar: null, changepoint: null }
  return {
    contender: name,
    rows: [[...four(free), ...four(tuned), figure(heldBack.f1, 3), figure(100 * heldBack.far, 1), figure(heldBack.changepoint, 2), figure(thresholdOfA, 2)]],
    json: { ...(free ?? none), tuned: { ...tuned, threshold }, halves: { threshold: thresholdOfA, tuned: judge(a, fromThreshold(thresholdOfA)), heldBack } },
    missed: kind === 'model' ? missedGoals(free, heldBack) : [],
    details: runs.map((run) => {
      const { f1, far, mar } = judge([run], hasFlags ? own : fromThreshold(threshold))
      return `${run.series.name}: F1 ${f1.toFixed(3)}, FAR ${(100 * far).toFixed(1)} %, MAR ${(100 * mar).toFixed(1)} %`
    }),
  }
}

type Judgement = ReturnType<typeof judge>

/** Nothing when the goals are met label-free, or on half B with what was tuned on half A. */
function missedGoals(free: Judgement | undefined, heldBack: Judgement): string[] {
  const isMetBy = (part: Judgement | undefined): boolean => part !== undefined && part.f1 >= goal.f1 && part.far < goal.falseAlarmRate && part.changepoint >= goal.changepoint
  if (isMetBy(free) || isMetBy(heldBack)) return []
  const { f1, far, changepoint } = free ?? heldBack
  return [
    ...(f1 < goal.f1 ? [`SKAB F1 ${f1.toFixed(3)} < ${goal.f1}`] : []),
    ...(far >= goal.falseAlarmRate ? [`SKAB FAR ${(100 * far).toFixed(1)} % >= ${100 * goal.falseAlarmRate} %`] : []),
    ...(changepoint < goal.changepoint ? [`SKAB changepoint ${changepoint.toFixed(1)} < ${goal.changepoint}`] : []),
  ]
}
