import { describe, expect, test } from 'vitest'
import { points } from './points.ts'
import { aRequest, nullable } from './a-request.ts'
import { api, generationOf, parseRequest, transactionalIdOf } from './requests.ts'

const produceTo = (topic: string, transactionalId?: string) => parseRequest(aRequest(api.produce, Buffer.concat([nullable(transactionalId), nullable(topic)])))!

test('the head of a request tells what it is and who asks', () => {
  expect(parseRequest(aRequest(26, Buffer.from('rest'), { apiVersion: 1, correlationId: 7, clientId: 'me' }))).toEqual({ apiKey: 26, apiVersion: 1, correlationId: 7, clientId: 'me', body: Buffer.from('rest') })
  expect(parseRequest(aRequest(3, Buffer.alloc(0), { clientId: null }))).toMatchObject({ clientId: undefined, body: Buffer.alloc(0) })
})

test.each([Buffer.alloc(0), Buffer.alloc(13), Buffer.from('00000010000300010000000100ff', 'hex')])('what is too short to be a request is none: %j', (frame) => {
  expect(parseRequest(frame)).toBeUndefined()
})

test('only writes in a transaction, and producers that want one, have a transactional id', () => {
  expect([produceTo('t', 'id'), produceTo('t'), parseRequest(aRequest(api.fetch, nullable('id')))!].map(transactionalIdOf)).toEqual(['id', undefined, undefined])
})

test('SyncGroup names the generation of its group', () => {
  const generation = Buffer.from([0, 0, 1, 2])
  expect(generationOf(parseRequest(aRequest(api.syncGroup, Buffer.concat([nullable('group'), generation])))!)).toBe(258)
  expect(generationOf(parseRequest(aRequest(api.fetch, generation))!)).toBeUndefined()
})

describe('points', () => {
  const topics = { state: 'state', scores: 'scores' }
  const plain = (apiKey: number, body: Buffer = Buffer.alloc(0)) => parseRequest(aRequest(apiKey, body))!
  test.each([
    ['beforeInit', 'request', plain(api.initProducerId, nullable('id'))],
    ['whileRestoring', 'answer', plain(api.fetch, nullable('state'))],
    ['insideTransaction', 'answer', produceTo('scores', 'id')],
    ['afterOffsets', 'answer', plain(api.txnOffsetCommit)],
    ['commitUnanswered', 'answer', plain(api.endTxn)],
    ['beforeCheckpoint', 'request', produceTo('state')],
    ['beforePlainCommit', 'request', plain(api.offsetCommit)],
  ] as const)('%s is reached by its own %s and by nothing else', (name, side, request) => {
    const reached = (at: 'request' | 'answer') => Object.entries(points).flatMap(([point, { isReached }]) => (isReached({ side: at, request }, topics) ? [point] : []))
    expect(reached(side)).toEqual([name])
    expect(reached(side === 'request' ? 'answer' : 'request')).toEqual([])
  })

  test('a commit without transaction counts only after verdicts were written', () => {
    const { isPrepared } = points.beforePlainCommit
    expect(isPrepared({ side: 'answer', request: produceTo('scores') }, topics)).toBe(true)
    expect(isPrepared({ side: 'request', request: produceTo('scores') }, topics)).toBe(false)
    expect(isPrepared({ side: 'answer', request: produceTo('state') }, topics)).toBe(false)
  })

  test('a producer without transactions, and other topics, are not met', () => {
    const others = [plain(api.initProducerId, nullable(undefined)), plain(api.fetch, nullable('readings')), produceTo('scores')]
    const reached = others.flatMap((request) => (['request', 'answer'] as const).flatMap((side) => Object.values(points).filter(({ isReached }) => isReached({ side, request }, topics))))
    expect(reached).toEqual([])
  })
})
