import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { KafkaConnection } from '../connection.ts'
import './global-broker.ts'

/** The address of the broker that all tests of a run share (`global-broker.ts` starts it). */
export function testBroker(): string {
  return inject('kafkaBrokers')
}

/** The way to that broker. */
export function testConnection(clientId = 'test'): KafkaConnection {
  return { brokers: testBroker(), clientId }
}

/** A topic, group or id that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`
}
