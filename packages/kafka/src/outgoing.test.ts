import { expect, test } from 'vitest'
import { createPartitioning, maxRequestBytes, planRequests, sizeOf } from './outgoing.ts'
import type { OutputRecord } from './ports.ts'

const record = (value: string | Buffer, more: Partial<OutputRecord> = {}): OutputRecord => ({
  topic: 't',
  key: 'k',
  value,
  ...more,
})

test('records are grouped by topic, in order', () => {
  const requests = planRequests([record('1'), record('2', { topic: 'u' }), record('3')], 0)
  expect(
    requests.map((one) => one.map(({ topic, messages }) => [topic, messages.map(({ value }) => String(value))])),
  ).toEqual([
    [
      ['t', ['1', '3']],
      ['u', ['2']],
    ],
  ])
})

test('no request is larger than the bound, but for a single record that is', () => {
  const sizes = [300, 500, 200, 2_000, 10].map((kib) => record(Buffer.alloc(kib * 1024)))
  const requests = planRequests(sizes, 0)
  expect(requests.map((request) => request.flatMap(({ messages }) => messages).length)).toEqual([2, 1, 1, 1])
  for (const request of requests.toSpliced(2, 1)) {
    const bytes = request.flatMap(({ messages }) => messages).reduce((sum, message) => sum + sizeOf(message), 0)
    expect(bytes).toBeLessThanOrEqual(maxRequestBytes)
  }
})

test('times are written so that their order as words is their order in time', () => {
  const [request] = planRequests(
    [10, 9, 0, undefined, 1_700_000_000_000.7].map((timestampMs) =>
      record('v', timestampMs === undefined ? {} : { timestampMs }),
    ),
    42,
  )
  expect(request?.[0]?.messages.map(({ timestamp }) => timestamp)).toEqual([
    '0000000000010',
    '0000000000009',
    '0000000000000',
    '0000000000042',
    '1700000000000',
  ])
})

test('headers count', () => {
  const [plain, headed] = [{}, { headers: { 'tidewatch-fault': 'spike' } }].map(
    (more) => planRequests([record('v', more)], 0)[0]![0]!.messages[0]!,
  )
  expect(sizeOf(headed!) - sizeOf(plain!)).toBeGreaterThanOrEqual('tidewatch-faultspike'.length)
})

test("a record keeps its partition through all attempts; the next request's go to the next one", () => {
  const partitioning = createPartitioning()
  const choose = partitioning.createPartitioner()
  const partitionMetadata = Array.from({ length: 3 }, () => ({})) as never
  const keyless = () => ({ key: null, value: null })
  const [first, second, third] = [keyless(), keyless(), keyless()]
  const chosen = choose({ topic: 't', partitionMetadata, message: first })
  expect(choose({ topic: 't', partitionMetadata, message: second })).toBe(chosen)
  partitioning.advance()
  expect(choose({ topic: 't', partitionMetadata, message: first })).toBe(chosen)
  expect(choose({ topic: 't', partitionMetadata, message: third })).toBe((chosen + 1) % 3)
  expect(choose({ topic: 't', partitionMetadata, message: { key: null, value: null, partition: 2 } })).toBe(2)
})
