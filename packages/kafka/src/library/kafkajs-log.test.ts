import { expect, test } from 'vitest'
import { chooseLevel } from './kafkajs-log.ts'

const [error, warn, info, debug] = [1, 2, 4, 5]

test.each([
  [error, 'The coordinator is not aware of this member, re-joining the group', 'info'],
  [warn, 'The group is rebalancing, re-joining', 'info'],
  [error, 'Response Heartbeat(key: 12, version: 3) The group is rebalancing, so a rejoin is needed', 'info'],
  [error, 'Response GroupCoordinator(key: 10, version: 2) The group coordinator is not available', 'debug'],
  [error, 'Connection error: connect ECONNREFUSED 127.0.0.1:9092', 'debug'],
  [error, 'Failed to send messages: This server is not the leader for that topic-partition', 'debug'],
  [error, 'Response Produce(key: 0, version: 7) Disk error when trying to access log file on the disk', 'error'],
  [error, 'Failed to send messages: Disk error when trying to access log file on the disk', 'debug'],
  [error, 'Restarting the consumer in 100ms', 'debug'],
  [error, 'Crash: KafkaJSNonRetriableError: odd', 'error'],
  [warn, 'Consumer group received unsubscribed topics', 'warn'],
  [info, 'Pausing fetching from 1 topics', 'debug'],
  [debug, 'Request Fetch', 'trace'],
])('kafkajs at level %i saying "%s" is said at %s', (level, text, expected) => {
  expect(chooseLevel(level, text)).toBe(expected)
})
