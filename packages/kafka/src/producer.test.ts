import { expect, test } from 'vitest'
import type { Outgoing, OutgoingByTopic } from './outgoing.ts'
import { checkAnswer } from './producer.ts'

const message = (partition: number): Outgoing => ({
  key: null,
  value: null,
  keyBytes: 0,
  valueBytes: 0,
  timestamp: '0',
  timestampMs: 0,
  partition,
})
const answer = (...partitions: [string, number][]) =>
  partitions.map(([topicName, partition]) => ({ topicName, partition, errorCode: 0 }))

const request: OutgoingByTopic = [
  { topic: 't', messages: [message(0), message(1), message(0)] },
  { topic: 'u', messages: [message(0)] },
]

test('an answer for every partition is complete', () => {
  expect(checkAnswer(request, answer(['t', 0], ['t', 1], ['u', 0]))).toEqual({ missing: [], isRepeated: false })
})

test('records of partitions that were passed over are found, in order', () => {
  expect(checkAnswer(request, answer(['t', 1])).missing).toEqual([
    { topic: 't', messages: [message(0), message(0)] },
    { topic: 'u', messages: [message(0)] },
  ])
})

test('a partition that was written by two leaders is noticed', () => {
  expect(checkAnswer(request, answer(['t', 0], ['t', 1], ['u', 0], ['t', 0])).isRepeated).toBe(true)
})
