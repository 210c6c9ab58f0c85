import type { DetectorConfig } from '@tidewatch/api'
import { createRecordSink, type KafkaConnection } from '@tidewatch/kafka'
import type { Clock, Logger } from '@tidewatch/kit'
import { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import { eventually } from '../support/eventually.ts'
import { findInspectorAddress, Inspector } from './inspector.ts'
import { readSample, type Sample } from './sample.ts'
import { Sender } from './sender.ts'

export interface SoakOptions {
  config: DetectorConfig
  connection: KafkaConnection & { brokers: string }
  devices: number
  /** Readings a second. */
  rate: number
  forMs: number
  sampleEveryMs: number
  clock: Clock
  log: Logger
  /** Ends the soak early. */
  signal: AbortSignal
  onSample: (sample: Sample) => void
}

export interface Soak {
  samples: Sample[]
  sentPerSecond: number
  exitCode: number | NodeJS.Signals | null
}

/** Lets a real detector work at a steady rate, and looks into it from outside again and again. */
export async function runSoak({ config, connection, devices, rate, forMs, sampleEveryMs, clock, log, signal, onSample }: SoakOptions): Promise<Soak> {
  const detector = new DetectorProcess(config, connection.brokers, { NODE_OPTIONS: '--inspect=127.0.0.1:0' })
  const sink = createRecordSink({ connection, log })
  const sender = new Sender({ topic: config.topic, partitions: config.partitions, devices, rate, seed: 1 }, sink, clock)
  const samples: Sample[] = []
  try {
    const address = await eventually('the inspector listens', async () => findInspectorAddress(detector.output), (found) => found !== undefined)
    const inspector = await Inspector.open(address!)
    await eventually('the detector has its partitions', async () => detector.output.includes('Took over partitions'), Boolean)
    const beganMs = clock.now()
    sender.start()
    for (let round = 1; clock.now() - beganMs < forMs && !signal.aborted; round++) {
      await clock.sleep(beganMs + round * sampleEveryMs - clock.now(), signal)
      const sample = await readSample(detector, inspector, clock.now() - beganMs)
      samples.push(sample)
      onSample(sample)
    }
    const sentPerSecond = (sender.sent / (clock.now() - beganMs)) * 1_000
    await sender.stop()
    inspector.close()
    return { samples, sentPerSecond, exitCode: await detector.signal('SIGTERM') }
  } finally {
    await sender.stop().catch((error: unknown) => log.error({ err: error }, 'Could not send readings'))
    await sink.close()
    await detector.signal('SIGKILL')
  }
}
