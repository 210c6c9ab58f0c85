import { createLogger } from '@tidewatch/kit'
import { createRecordSource } from '../source.ts'

/**
 * A member of a group to be killed: reads until it has its first batch, commits the offset that it was told, says so on
 * standard output and goes on reading.
 */
const [brokers = '', topic = '', groupId = '', offset = '0', metadata = ''] = process.argv.slice(2)
const log = createLogger({ name: 'victim', level: 'fatal' })
const connection = { brokers, clientId: 'victim' }
const source = createRecordSource({
  connection,
  log,
  topic,
  groupId,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 500,
})
let hasCommitted = false
for await (const event of source) {
  if (event.kind === 'assigned') event.start(event.partitions.map((one) => ({ ...one, offset: one.logStartOffset })))
  if (event.kind !== 'batch' || hasCommitted) continue
  const { partition } = event.batch
  // Refused in the middle of a rebalance; the next batch tries again.
  await source.commit([{ topic, partition, offset: Number(offset), metadata }]).then(
    () => {
      hasCommitted = true
      process.stdout.write(`committed ${partition}\n`)
    },
    () => {},
  )
}
