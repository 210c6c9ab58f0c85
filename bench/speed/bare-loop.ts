/**
 * The least that anybody does with a topic of JSON: `bare-loop.ts BROKERS TOPIC GROUP RECORDS` fetches with our client, parses, and
 * says `first MS` and, after so many records, `done MS`.
 */
import { createRecordSource } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'

const [brokers, topic, groupId, records] = process.argv.slice(2) as [string, string, string, string]
const log = createLogger({ name: 'bare-loop', level: 'warn' })
const source = createRecordSource({ connection: { brokers, clientId: 'bare-loop' }, log, groupId, topic, aliveWithinMs: 10_000 })
let left = Number(records)
let sum = 0

for await (const event of source) {
  if (event.kind === 'assigned') {
    console.log(`first ${Date.now()}`)
    event.start(event.partitions.map(({ partition, logStartOffset }) => ({ topic, partition, offset: logStartOffset })))
  } else if (event.kind === 'batch') {
    // What was parsed is used: an engine may leave out what nobody looks at.
    for (const { value } of event.batch.records) sum += (JSON.parse(value!.toString()) as { value: number }).value
    left -= event.batch.records.length
    if (left === 0) console.log(`done ${Date.now()}`)
  }
}
if (!Number.isFinite(sum)) throw new Error('the readings hold something else than numbers')
