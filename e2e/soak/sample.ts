import type { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import type { Inspector } from './inspector.ts'
import { countSockets, readResidentMib } from './proc.ts'

/** A detector at one moment of a soak. */
export interface Sample {
  /** Milliseconds since the soak began. */
  atMs: number
  /** After a full garbage collection, in MiB: objects, and what typed arrays and buffers take. */
  heapMib: number
  bufferMib: number
  residentMib: number
  sockets: number
  timers: number
  /** Everything that keeps the event loop alive, timers and sockets included. */
  resources: number
  records: number
  windowsJudged: number
  lag: number
  stateMib: number
}

const mib = 1_024 * 1_024

export async function readSample(detector: DetectorProcess, inspector: Inspector, atMs: number): Promise<Sample> {
  const { heapBytes, bufferBytes, resources } = await inspector.readInsides()
  return {
    atMs,
    heapMib: heapBytes / mib,
    bufferMib: bufferBytes / mib,
    residentMib: readResidentMib(detector.pid),
    sockets: countSockets(detector.pid),
    timers: resources['Timeout'] ?? 0,
    resources: Object.values(resources).reduce((sum, count) => sum + count, 0),
    records: await detector.read('events_processed_total'),
    windowsJudged: await detector.read('tidewatch_detector_windows_judged_total'),
    lag: await detector.read('kafka_consumer_lag'),
    stateMib: (await detector.read('tidewatch_detector_state_bytes')) / mib,
  }
}
