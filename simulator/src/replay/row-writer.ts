import type { ReplaySpec, SimulatorConfig } from '@tidewatch/api'
import { hashString } from '@tidewatch/kit'
import { RecordingInvalid } from '../errors.ts'
import { deviceMetric } from '../formats/device-metric.ts'
import { escapeText, type Slot, type Token } from '../formats/layout.ts'
import { sensorReading } from '../formats/sensor-reading.ts'
import { parseTemplate } from '../formats/template.ts'
import { createTimeText } from '../formats/time-text.ts'
import { uuidAt } from '../random.ts'
import { planProfile } from '../signals/profile.ts'
import { isNumberJson } from './cell.ts'
import { buildFieldTree } from './field-tree.ts'
import type { Row } from './row.ts'

/** What is known of a row when its messages are written. */
export interface RowContext {
  device: string
  eventTimeMs: number
}

/** The messages of one row; none when it holds nothing that can be sent. */
export type RowWriter = (row: Row, context: RowContext) => string[]

/** Columns that mark a recording of whole messages, which go out as they are. */
const ownColumns = { SensorReading: ['sensor_id', 'metric', 'value'], DeviceMetric: ['device_id', 'metric_name', 'metric_value'] } as const

/** The long presets' shape does not depend on the profile. */
const anyProfile = planProfile({
  name: 'recording',
  weight: 1,
  signals: [{ name: 'any', unit: '', base: 0, spread: 0, amplitude: 0, periodMs: 1, weeklyAmplitude: 0, noise: 0, decimals: 0 }],
  categories: [],
})

/**
 * Decides how rows become messages.
 *
 * - `fields`: each column at its path, and the event time's column under its own name where it has no path.
 * - preset SensorReading or DeviceMetric: one message for each column of numbers, whose name is the metric's.
 * - template: as for simulated devices; `{{values.NAME}}` is a column.
 * - otherwise (and for the other presets, whose recordings have the right columns): every column under its own
 *   name.
 *
 * The label's column is never sent. Where no column holds the event time, a `timestamp` is added.
 *
 * @throws RecordingInvalid when the settings contradict each other.
 */
export function createRowWriter(spec: ReplaySpec, format: SimulatorConfig['format'], fleetName: string): RowWriter {
  const { preset, template } = format
  if (spec.fields !== undefined) {
    if (preset !== undefined || template !== undefined) {
      throw new RecordingInvalid('A recording takes its shape from devices.replay.fields or from format: write either')
    }
    return createFieldWriter(spec, spec.fields)
  }
  const flat = createFlatWriter(spec)
  if (template !== undefined) return createTokenWriter(spec, parseTemplate(template), fleetName)
  if (preset !== 'SensorReading' && preset !== 'DeviceMetric') return flat
  const { tokens } = (preset === 'SensorReading' ? sensorReading : deviceMetric).plan(anyProfile)
  const long = createTokenWriter(spec, tokens, fleetName)
  const own = ownColumns[preset]
  return (row, context) => (own.every((column) => row.columns.includes(column)) ? flat : long)(row, context)
}

function createFlatWriter(spec: ReplaySpec): RowWriter {
  const timeText = createTimeText()
  const names = new Map<string, string>()
  return (row, { eventTimeMs }) => {
    let text = ''
    let hasTimestamp = spec.eventTime !== undefined
    for (const column of row.columns) {
      if (column === spec.label?.column) continue
      if (column === 'timestamp') hasTimestamp = true
      let name = names.get(column)
      if (name === undefined) {
        name = JSON.stringify(column)
        // Names are few in any sane recording; in another one they must not be kept.
        if (names.size < 10_000) names.set(column, name)
      }
      text += `${text === '' ? '{' : ','}${name}:${row.jsonOf(column)}`
    }
    if (!hasTimestamp) text += `${text === '' ? '{' : ','}"timestamp":"${timeText(eventTimeMs)}"`
    return text === '' ? [] : [`${text}}`]
  }
}

function createFieldWriter(spec: ReplaySpec, fields: Readonly<Record<string, string>>): RowWriter {
  const timeText = createTimeText()
  const starts = (name: string) => [`$.${name}.`, `$.${name}[`, `$['${name}']`]
  const isTaken = (name: string) => Object.values(fields).some((path) => path === `$.${name}` || starts(name).some((start) => path.startsWith(start)))
  const timeColumn = spec.eventTime?.column
  const all = timeColumn === undefined || Object.hasOwn(fields, timeColumn) || isTaken(timeColumn) ? fields : { ...fields, [timeColumn]: `$['${timeColumn}']` }
  const parts = buildFieldTree(all)
  const addsTimestamp = timeColumn === undefined && !isTaken('timestamp')
  return (row, { eventTimeMs }) => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : row.jsonOf(part.column)
    return [addsTimestamp ? `${text.slice(0, -1)},"timestamp":"${timeText(eventTimeMs)}"}` : text]
  }
}

const longSlots: readonly Slot['slot'][] = ['metric', 'value', 'unit']

function createTokenWriter(spec: ReplaySpec, tokens: readonly Token[], fleetName: string): RowWriter {
  const timeText = createTimeText()
  const isLong = tokens.some((token) => typeof token !== 'string' && longSlots.includes(token.slot))
  const notMetrics = new Set([spec.device, spec.eventTime?.column, spec.label?.column])
  const isMetric = (row: Row, column: string) => !notMetrics.has(column) && row.textOf(column)?.trim() !== '' && isNumberJson(row.jsonOf(column))

  return (row, { device, eventTimeMs }) => {
    const textOf = (slot: Slot['slot'], metric: string): string | null => {
      switch (slot) {
        case 'device':
          return device
        case 'deviceType':
          return fleetName
        case 'time':
          return timeText(eventTimeMs)
        case 'metric':
          return metric
        case 'unit':
          return ''
        case 'id':
          return uuidAt(hashString(device), row.line, row.line, eventTimeMs)
        default:
          // Where a device stands is not in a recording.
          return null
      }
    }
    const slotText = ({ slot, name = '', as }: Slot, metric: string): string => {
      if (slot === 'timeMs') return String(eventTimeMs)
      if (slot === 'value') return row.jsonOf(metric)
      if (slot === 'values') return as === 'json' ? row.jsonOf(name) : escapeText(row.textOf(name) ?? '')
      const text = textOf(slot, metric)
      return as === 'json' ? JSON.stringify(text) : escapeText(text ?? '')
    }
    const write = (metric: string): string => tokens.map((token) => (typeof token === 'string' ? token : slotText(token, metric))).join('')
    return isLong ? row.columns.filter((column) => isMetric(row, column)).map(write) : [write('')]
  }
}
