import type { SimulatorConfig } from '@tidewatch/api'
import { createRecordSink, type KafkaConnection } from '@tidewatch/kafka'
import type { Logger } from '@tidewatch/kit'
import { runSimulation } from '@tidewatch/simulator'
import type { SendReport, Sender } from './sender.ts'

/** Sends recordings in this process, one after another, as fast as Kafka takes them. */
export class ReplaySender implements Sender {
  readonly fleet: string
  readonly topic: string
  readonly done: Promise<SendReport>
  /** Rows sent of each recording, by its device. */
  readonly sentByDevice = new Map<string, number>()
  readonly #stop = new AbortController()

  constructor(options: { name: string; topic: string; fleets: readonly SimulatorConfig[]; connection: KafkaConnection; log: Logger }) {
    this.fleet = options.name
    this.topic = options.topic
    this.done = this.#run(options)
    this.done.catch(() => {})
  }

  sentSoFar(): number {
    return [...this.sentByDevice.values()].reduce((sum, sent) => sum + sent, 0)
  }

  async scrape(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.done.catch(() => {})
  }

  async #run({ fleets, connection, log }: { fleets: readonly SimulatorConfig[]; connection: KafkaConnection; log: Logger }): Promise<SendReport> {
    const sink = createRecordSink({ connection, log })
    const total: SendReport = { sent: 0, sendErrors: 0, injected: {} }
    try {
      for (const config of fleets) {
        if (this.#stop.signal.aborted) break
        const device = config.fleet.name
        const report = await runSimulation({ config, sink, log, signal: this.#stop.signal, onProgress: ({ sent }) => this.sentByDevice.set(device, sent) })
        this.sentByDevice.set(device, report.sent)
        total.sent += report.sent
        total.sendErrors += report.sendErrors
        for (const [kind, count] of Object.entries(report.injected)) total.injected[kind] = (total.injected[kind] ?? 0) + count
      }
    } finally {
      await sink.close()
    }
    return total
  }
}
