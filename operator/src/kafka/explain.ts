import type { Obstacle } from './resolve-connection.ts'
import { unreadableReason } from './decide-topics.ts'

/**
 * An error of packages/kafka for a condition. What changes from attempt to attempt (how often, how long) is left out: a
 * condition that says the same must be the same, or it would be written again and again.
 */
export function explainKafkaError(code: string, message: string, brokers: readonly string[]): Obstacle {
  const reason = unreadableReason(code)
  if (reason === 'KafkaUnreachable') return { reason, message: `No answer from Kafka at ${brokers.join(', ')}: check spec.kafka, that the brokers run, and that network policies let the operator reach them` }
  if (reason === 'AccessDenied') return { reason, message: `Kafka at ${brokers.join(', ')} refuses us: check the credentials in spec.kafka.authentication and the rights of that user (${message})` }
  return { reason, message }
}
