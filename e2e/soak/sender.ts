import type { OutputRecord, RecordSink } from '@tidewatch/kafka'
import { mulberry32, type Clock } from '@tidewatch/kit'

export interface LoadOptions {
  topic: string
  partitions: number
  devices: number
  /** Readings a second, over all devices. */
  rate: number
  seed: number
}

/** A round of readings: one of each device whose turn it is, of one moment. */
export function buildReadings({ topic, partitions, devices, seed }: LoadOptions, from: number, count: number, nowMs: number): OutputRecord[] {
  const timestamp = new Date(nowMs).toISOString()
  const draw = mulberry32(seed + from)
  return Array.from({ length: count }, (_, i) => {
    const device = (from + i) % devices
    const id = `sensor_${String(device).padStart(6, '0')}`
    const value = (20 + (device % 10) + draw() + (draw() < 0.000_5 ? 50 : 0)).toFixed(3)
    return { topic, partition: device % partitions, key: id, value: `{"sensor_id":"${id}","timestamp":"${timestamp}","metric":"temperature","value":${value}}` }
  })
}

/** How often readings are sent. */
const roundMs = 100

/** Sends readings at a steady rate, as they would come from that many devices; waits where Kafka is slower than that. */
export class Sender {
  readonly #options: LoadOptions
  readonly #sink: RecordSink
  readonly #clock: Clock
  readonly #end = new AbortController()
  #sent = 0
  #running: Promise<void> | undefined

  constructor(options: LoadOptions, sink: RecordSink, clock: Clock) {
    this.#options = options
    this.#sink = sink
    this.#clock = clock
  }

  /** Readings that Kafka has acknowledged. */
  get sent(): number {
    return this.#sent
  }

  start(): void {
    this.#running = this.#run()
    // Told by `stop`; until then it is not unhandled.
    this.#running.catch(() => {})
  }

  /** @throws what Kafka answered, where sending has failed. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const perRound = Math.round((this.#options.rate * roundMs) / 1_000)
    const startMs = this.#clock.now()
    for (let round = 0; !this.#end.signal.aborted; round++) {
      await this.#sink.send(buildReadings(this.#options, this.#sent, perRound, this.#clock.now()))
      this.#sent += perRound
      const aheadMs = startMs + (round + 1) * roundMs - this.#clock.now()
      if (aheadMs > 0) await this.#clock.sleep(aheadMs, this.#end.signal)
    }
  }
}
