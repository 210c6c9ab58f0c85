import { expect, test } from 'vitest'
import { causesOf, isFenced, isHopeless, protocolErrorOf, reasonOf, toAppError } from './errors.ts'

/** As kafkajs throws them: a broker's answer, wrapped. */
const wrapped = (type: string, message = 'what the broker said') =>
  new Error('wrapper', { cause: Object.assign(new Error(message), { type }) })

test("the broker's answer is found under what kafkajs wraps it in", () => {
  expect(protocolErrorOf(wrapped('ILLEGAL_GENERATION'))).toBe('ILLEGAL_GENERATION')
  expect(protocolErrorOf(new Error('no type'))).toBeUndefined()
  expect(protocolErrorOf('text')).toBeUndefined()
  expect(reasonOf(wrapped('X'))).toBe('what the broker said')
})

test('errors in lists count too, and a cause that leads back to itself ends', () => {
  const inner = Object.assign(new Error('Replication-factor is invalid'), { type: 'INVALID_REPLICATION_FACTOR' })
  expect(reasonOf(Object.assign(new Error('Topic creation errors'), { errors: [inner] }))).toBe(inner.message)
  const round = new Error('round')
  round.cause = round
  expect(causesOf(round)).toEqual([round])
})

test.each([
  ['SASL_AUTHENTICATION_FAILED', 'KAFKA_ACCESS_DENIED', 'never'],
  ['INVALID_CONFIG', 'KAFKA_REQUEST_INVALID', 'never'],
  ['REQUEST_TIMED_OUT', 'KAFKA_FAILED', 'backoff'],
])('%s becomes %s', (type, code, retry) => {
  expect(toAppError(wrapped(type), 'Could not do it')).toMatchObject({
    code,
    retry,
    message: 'Could not do it: what the broker said',
  })
})

test('a fenced producer is known by name or by number', () => {
  expect(isFenced(wrapped('INVALID_PRODUCER_EPOCH'))).toBe(true)
  expect(isFenced(Object.assign(new Error('Unexpected error code 90'), { code: 90 }))).toBe(true)
  expect(isFenced(wrapped('REQUEST_TIMED_OUT'))).toBe(false)
})

test('a topic that was deleted and a right that was revoked do not come back by beginning anew', () => {
  expect(isHopeless(wrapped('UNKNOWN_TOPIC_OR_PARTITION'))).toBe(true)
  expect(isHopeless(wrapped('GROUP_AUTHORIZATION_FAILED'))).toBe(true)
  expect(isHopeless(wrapped('NOT_LEADER_FOR_PARTITION'))).toBe(false)
})
