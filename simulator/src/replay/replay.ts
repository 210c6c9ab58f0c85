import type { ReplaySpec, SimulatorConfig } from '@tidewatch/api'
import { hashString } from '@tidewatch/kit'
import { FleetInvalid, RecordingInvalid } from '../errors.ts'
import type { Feed } from '../feed.ts'
import { messageLimitOf } from '../limit.ts'
import type { SimulatedRecord } from '../record.ts'
import { parseEventTime } from './event-time.ts'
import { createLabeller } from './labels.ts'
import { openRecording, type Recording } from './recording.ts'
import { createRowWriter } from './row-writer.ts'
import { isProblem, type Row, type RowProblem } from './row.ts'

export interface ReplayOptions {
  shard: number
  nowMs: number
  /** Told of every row that is passed over. */
  onProblem?: (problem: RowProblem) => void
}

const portionSize = 256

/** Keys beyond this many are no longer told apart: a recording with a key for each row must not fill memory. */
const mostKeys = 100_000

interface ReadRow {
  row: Row
  device: string
  eventTimeMs: number | undefined
}

/**
 * Opens a recording as records to be sent, one row (or, in a long format, one column of a row) each.
 *
 * Rows are sent in the file's order, at the pace of their event times divided by the speed (the recording's
 * times the fleet's; 0 is as fast as possible); a row whose time lies before an earlier one's is sent together
 * with that. Without a column for it, event time advances by the
 * fleet's interval from row to row and ends at now when the run ends: for speeds other than 1 the rows are
 * counted beforehand. The event time is in the payload; a record's CreateTime is always the moment of sending,
 * because a broker deletes records whose CreateTime is older than the topic's retention.
 *
 * With several shards, each sends the rows of its own devices.
 *
 * @throws RecordingInvalid when the file or one of the columns is not there, and, at the end, when no row at
 *   all could be read.
 */
export async function openReplay(config: SimulatorConfig, { shard, nowMs, onProblem }: ReplayOptions): Promise<Feed> {
  if (!('replay' in config.devices)) throw new FleetInvalid('The fleet names no recording')
  if (config.faults.length > 0) throw new FleetInvalid('Faults are injected into simulated devices only: leave out faults, or label the recording')
  const spec = config.devices.replay
  const recording = await openRecording(spec)
  const write = createRowWriter(spec, config.format, config.fleet.name)
  const labelOf = createLabeller(spec)
  const speed = spec.speed * config.speed
  const startMs = await planStart(config, spec, recording, speed, nowMs)
  const keys = new Set<string>()
  let firstMs = startMs

  async function* portions(): AsyncGenerator<SimulatedRecord[], void, undefined> {
    const limit = messageLimitOf(config, shard)
    let count = 0
    let rows = 0
    let sentAny = false
    let dueMs = -Infinity
    let firstProblem: RowProblem | undefined
    let portion: SimulatedRecord[] = []
    const skip = (problem: RowProblem) => {
      firstProblem ??= problem
      onProblem?.(problem)
    }
    for await (const read of readRows(recording, spec, config.fleet.name)) {
      if (isProblemRead(read)) {
        skip(read)
        continue
      }
      const { row, device } = read
      const eventTimeMs = read.eventTimeMs ?? Math.floor((startMs ?? nowMs) + rows * config.intervalMs)
      rows++
      firstMs ??= eventTimeMs
      dueMs = Math.max(dueMs, eventTimeMs)
      if (dueMs - firstMs >= (config.durationMs ?? Infinity)) break
      const messages = write(row, { device, eventTimeMs })
      if (messages.length === 0) {
        skip({ line: row.line, kind: 'noNumber', problem: 'holds nothing to send' })
        continue
      }
      sentAny = true
      if (config.shards > 1 && hashString(device) % config.shards !== shard) continue
      if (keys.size < mostKeys) keys.add(device)
      const fault = labelOf(row, eventTimeMs)
      for (const value of messages) {
        if (count++ >= limit) break
        portion.push({ dueMs, eventTimeMs, key: device, value, fault, partition: config.partition, createTimeMs: undefined })
      }
      if (portion.length >= portionSize || count >= limit) {
        yield portion
        portion = []
      }
      if (count >= limit) break
    }
    if (portion.length > 0) yield portion
    if (!sentAny && firstProblem !== undefined) {
      throw new RecordingInvalid(`No row of the recording ${recording.file} could be read: line ${firstProblem.line} ${firstProblem.problem}`)
    }
  }

  return {
    portions: portions(),
    wallTimeOf: (dueMs) => (speed === 0 ? -Infinity : nowMs + (dueMs - (firstMs ?? dueMs)) / speed),
    activeDevicesAt: () => keys.size,
  }
}

/** Event time of the first row where no column tells it; undefined where one does. */
async function planStart(config: SimulatorConfig, spec: ReplaySpec, recording: Recording, speed: number, nowMs: number): Promise<number | undefined> {
  if (spec.eventTime !== undefined) return undefined
  if (speed !== 0 && speed <= 1) return nowMs
  let rows = 0
  for await (const read of readRows(recording, spec, config.fleet.name)) if (!isProblemRead(read)) rows++
  const lengthMs = Math.min(Math.max(0, rows - 1) * config.intervalMs, config.durationMs ?? Infinity)
  return Math.floor(nowMs - lengthMs * (speed === 0 ? 1 : 1 - 1 / speed))
}

async function* readRows(recording: Recording, { device, eventTime }: ReplaySpec, fleetName: string): AsyncGenerator<ReadRow | RowProblem, void, undefined> {
  for await (const row of recording.rows()) {
    if (isProblem(row)) {
      yield row
      continue
    }
    const id = device === undefined ? fleetName : (row.textOf(device) ?? '')
    if (id === '') {
      yield { line: row.line, kind: 'noDevice', problem: `names no device in "${device ?? ''}"` }
      continue
    }
    const timeText = eventTime === undefined ? undefined : (row.textOf(eventTime.column) ?? '')
    const eventTimeMs = eventTime === undefined || timeText === undefined ? undefined : parseEventTime(timeText, eventTime.format)
    if (timeText !== undefined && eventTimeMs === undefined) {
      yield { line: row.line, kind: 'noTime', problem: `has no time in "${eventTime?.column ?? ''}": "${timeText.slice(0, 40)}" is not ${eventTime?.format ?? ''}` }
      continue
    }
    yield { row, device: id, eventTimeMs }
  }
}

const isProblemRead = (read: ReadRow | RowProblem): read is RowProblem => 'problem' in read
