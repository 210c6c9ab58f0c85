import { defineError } from '@tidewatch/kit'
import type { Contender } from './contender.ts'

/** The data is not there, or is not what was expected. The message names file and line, and what the folder should hold. */
export const DataFolderInvalid = defineError('DATA_FOLDER_INVALID', { retry: 'never' })

/** What one contender got in one benchmark. */
export interface Result {
  contender: string
  /** Lines of the printed table, mostly one, each with a cell for every column of the benchmark. */
  rows: readonly (readonly string[])[]
  /** Under the contender's name in the JSON. */
  json: object
  /** Goals that this contender is held to and misses: `SKAB F1 0.701 < 0.76`. */
  missed: readonly string[]
  /** Lines for `--details`: where the score was lost. */
  details: readonly string[]
  /** Why the whole command fails, where a floor that guards the default model is broken; empty mostly. */
  failures?: readonly string[]
}

/** In the order in which they are run. */
export const benchmarkNames = ['nab', 'skab', 'faults', 'magnitudes', 'falseAlarms', 'flows', 'cost'] as const
export type BenchmarkName = (typeof benchmarkNames)[number]

/** One of the corpora, loaded. */
export interface Benchmark {
  /** Its key in the JSON. */
  readonly name: BenchmarkName
  /** What is measured, over which rows, with which thresholds: printed above the table. */
  readonly title: string
  readonly columns: readonly string[]
  /** Printed below the table: floors, goals and what the columns mean. */
  readonly notes: readonly string[]
  /** Shown after the contenders: detectors whose scores were published with the data. */
  readonly references?: readonly Contender[]
  /** Who takes part; default: everybody. @param isNamed whether the command names contenders, and this is one of them. */
  takes?(contender: Contender, isNamed: boolean): boolean
  run(contender: Contender): Promise<Result>
}

/** A figure as it is printed: a dash where there is none. */
export const figure = (value: number | undefined, digits: number): string => (value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits))
