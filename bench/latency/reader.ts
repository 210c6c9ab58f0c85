/** Reads the verdicts as whoever acts on them would, committed ones only: a process of its own, with its own view of the time. */
import { createRecordSource } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { Durations } from './histogram.ts'
import type { FromReader, RunSetup, ToReader } from './messages.ts'
import { deviceOf } from './readings.ts'
import { computeReachedMs, countReadings, countWindows, type Schedule, type Stretch } from './schedule.ts'

const setup = JSON.parse(process.argv[2]!) as RunSetup
const tell = (message: FromReader): void => void process.send!(message)
const source = createRecordSource({
  connection: { brokers: setup.brokers, clientId: 'bench-reader' },
  log: createLogger({ name: 'reader', level: 'error' }),
  groupId: `${setup.scores}-reader`,
  topic: setup.scores,
})
const latencies = new Durations()
let run: { schedule: Schedule; measured: Stretch; expected: number } | undefined
let isComplete = false

/** When a verdict could have been there at the earliest: its reading was due, or the one that brought its window to an end. */
function computeBeganMs(schedule: Schedule, device: number, endMs: number): number {
  return setup.window === undefined ? endMs : computeReachedMs(schedule, device % schedule.partitions, endMs + setup.window.allowedLatenessMs)
}

process.on('message', (message: ToReader) => {
  if (message.kind === 'tell') return tell({ kind: 'told', verdicts: latencies.count, latencyMs: latencies.percentiles() })
  const { startMs, measured } = message
  const schedule = { ...setup.schedule, startMs }
  run = { schedule, measured, expected: setup.window === undefined ? countReadings(schedule, measured) : countWindows(schedule, measured, setup.window) }
})
process.on('disconnect', () => process.exit(0))

for await (const event of source) {
  if (event.kind === 'assigned') {
    event.start(event.partitions.map(({ topic, partition }) => ({ topic, partition, offset: 0 })))
    tell({ kind: 'ready' })
  }
  if (event.kind !== 'batch' || run === undefined) continue
  const nowMs = Date.now()
  const { schedule, measured, expected } = run
  for (const { value } of event.batch.records) {
    const { sensor_id: name, window_end: end } = JSON.parse(value!.toString()) as { sensor_id: string; window_end: string }
    const beganMs = computeBeganMs(schedule, deviceOf(name), Date.parse(end))
    if (beganMs >= measured.fromMs && beganMs < measured.toMs) latencies.add(nowMs - beganMs)
  }
  if (isComplete || latencies.count < expected) continue
  isComplete = true
  tell({ kind: 'complete' })
}
