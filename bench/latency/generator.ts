/**
 * The load generator, a process of its own: sends readings when they are due, whatever becomes of those before (open loop). What is
 * due while a request is under way goes with the next one, and counts from when it was due.
 */
import { createRecordSink, type OutputRecord } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { Durations } from './histogram.ts'
import type { FromGenerator, RunSetup, ToGenerator } from './messages.ts'
import { createReadings } from './readings.ts'
import { computeDueMs, countDueBefore, type Schedule } from './schedule.ts'

/** Readings of so long go into one request: what a gateway would gather. */
const gatherMs = 5
const historyBatch = 10_000

const setup = JSON.parse(process.argv[2]!) as RunSetup
const { devices, partitions } = setup.schedule
const log = createLogger({ name: 'generator', level: 'error' })
const sink = createRecordSink({ connection: { brokers: setup.brokers, clientId: 'bench-generator' }, log })
const makeReading = createReadings({ topic: setup.topic, devices, partitions })
const tell = (message: FromGenerator): void => void process.send!(message)

async function sendHistory({ fromMs, toMs, everyMs }: Extract<ToGenerator, { kind: 'history' }>): Promise<void> {
  let batch: OutputRecord[] = []
  let readings = 0
  for (let ms = fromMs; ms < toMs; ms += everyMs) {
    for (let device = 0; device < devices; device++) {
      batch.push(makeReading(device, Math.floor(ms + (device * everyMs) / devices)))
      if (batch.length < historyBatch) continue
      await sink.send(batch)
      readings += batch.length
      batch = []
    }
  }
  await sink.send(batch)
  tell({ kind: 'loaded', readings: readings + batch.length })
}

async function sendLive({ startMs, untilMs, measured }: Extract<ToGenerator, { kind: 'live' }>): Promise<void> {
  const schedule: Schedule = { ...setup.schedule, startMs }
  const acknowledged = new Durations()
  const total = countDueBefore(schedule, untilMs)
  let next = 0
  while (next < total) {
    const due = Math.min(total, countDueBefore(schedule, Date.now()))
    const batch: OutputRecord[] = []
    const first = next
    for (; next < due; next++) batch.push(makeReading(next % devices, computeDueMs(schedule, next)))
    if (batch.length > 0) await sink.send(batch)
    const nowMs = Date.now()
    for (let n = first; n < due; n++) {
      const dueMs = computeDueMs(schedule, n)
      if (dueMs >= measured.fromMs && dueMs < measured.toMs) acknowledged.add(nowMs - dueMs)
    }
    if (next === total) break
    const waitMs = computeDueMs(schedule, next) + gatherMs - nowMs
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
  tell({ kind: 'sent', readings: total, acknowledgedMs: acknowledged.percentiles() })
}

process.on('message', (message: ToGenerator) => void (message.kind === 'history' ? sendHistory(message) : sendLive(message)))
// The benchmark is gone, or wants us gone.
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })
