import { codeOf } from '@tidewatch/kit'
import { KafkaSlow } from './errors.ts'

/** Without any Kafka a deletion waits no longer: a namespace, which also waits for its pods, must be able to end within a minute. */
const goneMs = 10_000
const refusedMs = 30_000

/** How long after its deletion was asked for an object waits for a Kafka that answered in this way. */
export const kafkaPatienceMs = (error: unknown): number => (codeOf(error) === KafkaSlow.code ? goneMs : refusedMs)
