import { defineError } from '@tidewatch/kit'
import { guessDelimiter, splitLine } from './csv.ts'
import { guessTimeFormat } from './time.ts'

export const RecordingUnreadable = defineError('RECORDING_UNREADABLE', { retry: 'never' })

/** What the columns of a recording hold. */
export interface ReplayColumns {
  delimiter: string
  /** Names of all columns, in order. */
  names: string[]
  time: string
  timeFormat: 'Iso8601' | 'EpochSeconds' | 'EpochMillis' | 'EpochMicros'
  /** The measured values, in the order of the file. */
  values: string[]
  /** Ground truth by row; undefined: none. */
  label: string | undefined
}

/** What the user said; the rest is guessed. */
export interface ColumnChoices {
  delimiter?: string | undefined
  time?: string | undefined
  values?: readonly string[] | undefined
  label?: string | undefined
}

const timeNames = ['timestamp', 'datetime', 'time', 'date', 'ts', 'event_time', 'event_ts']
const labelNames = ['anomaly', 'label', 'is_anomaly', 'outlier', 'class']
/** Columns of ground truth that are not the label itself, but must not be shown to a model either. */
const otherTruthNames = ['changepoint', 'attack', 'fault']

/**
 * Finds out what a recording's columns hold, from its header and its first row.
 *
 * @throws RecordingUnreadable naming the option that settles it.
 */
export function resolveColumns(file: string, header: string, firstRow: string, choices: ColumnChoices = {}): ReplayColumns {
  const delimiter = choices.delimiter ?? guessDelimiter(header)
  const names = splitLine(header.replace(/^\uFEFF/, ''), delimiter).map((name) => name.trim())
  const cells = splitLine(firstRow, delimiter)
  const fail = (what: string): never => {
    throw new RecordingUnreadable(`${file}: ${what}; the columns are ${names.join(', ')}`)
  }
  const find = (wanted: readonly string[]) => wanted.map((one) => names.find((name) => name.toLowerCase() === one)).find((name) => name !== undefined)
  const known = (name: string) => (names.includes(name) ? name : fail(`there is no column "${name}"`))

  const time = choices.time === undefined ? (find(timeNames) ?? fail('no column looks like a time: name it with --time-column')) : known(choices.time)
  const firstTime = cells[names.indexOf(time)] ?? ''
  const timeFormat = guessTimeFormat(firstTime) ?? fail(`"${firstTime}" in the column "${time}" is not a time`)
  const label = choices.label === undefined ? find(labelNames) : known(choices.label)
  const isTruth = (name: string) => name === label || otherTruthNames.includes(name.toLowerCase())
  const isNumber = (name: string) => {
    const cell = cells[names.indexOf(name)]?.trim() ?? ''
    return cell !== '' && Number.isFinite(Number(cell))
  }
  const values = choices.values?.map(known) ?? names.filter((name) => name !== time && !isTruth(name) && isNumber(name))
  if (values.length === 0) fail('no column holds numbers: name them with --value-columns')
  return { delimiter, names, time, timeFormat, values: [...values], label }
}
