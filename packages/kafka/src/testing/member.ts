import { createLogger } from '@tidewatch/kit'
import { createRecordSource } from '../source.ts'

/**
 * A member of a group as a process of its own: takes what it is given, commits where it is told to begin, and tells of each generation on
 * standard output in the source's own log lines. SIGTERM lets it leave in order.
 */
const [brokers = '', topic = '', groupId = '', instanceId = '', sessionTimeoutMs = '6000'] = process.argv.slice(2)
const log = createLogger({ name: 'member', level: 'info' })
const source = createRecordSource({
  connection: { brokers, clientId: 'member' },
  log,
  topic,
  groupId,
  sessionTimeoutMs: Number(sessionTimeoutMs),
  heartbeatIntervalMs: 500,
  ...(instanceId !== '' && { instanceId }),
})
process.once('SIGTERM', () => void source.close())
for await (const event of source) {
  if (event.kind === 'assigned') event.start(event.partitions.map((one) => ({ ...one, offset: one.logStartOffset })))
}
