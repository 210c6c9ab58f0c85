import { cpus, totalmem } from 'node:os'
import { kafkaVersion } from '@tidewatch/kafka'

/** Where and with what something was measured, in one line. */
export function describeMachine(): string {
  const [first] = cpus()
  return `${cpus().length} x ${first?.model.trim() ?? 'CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${process.platform} ${process.arch}, Node.js ${process.versions.node}, Apache Kafka ${kafkaVersion}`
}
