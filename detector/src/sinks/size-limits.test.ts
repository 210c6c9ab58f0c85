import type { OutputRecord } from '@tidewatch/kafka'
import { expect, test } from 'vitest'
import type { Output } from './outputs.ts'
import { SizeLimits } from './size-limits.ts'

const record = (topic: string, bytes: number): OutputRecord => ({ topic, key: null, value: 'x'.repeat(bytes) })
const output = (bytes: number): Output => ({ record: record('a', bytes), smaller: () => [record('dead', 50), record('dead', 10)], source: { topic: 'in', partition: 0, offset: bytes } })
const sizes = ({ records }: { records: OutputRecord[] }) => records.map(({ topic, value }) => [topic, value?.length])

test('everything is written as it is until a topic has refused something', () => {
  const limits = new SizeLimits()
  expect(sizes(limits.fit([output(100), output(1e6)], 0))).toEqual([['a', 100], ['a', 1e6]])
})

test('what is as large as a record that was refused goes out in the first form that is smaller than any refused', () => {
  const limits = new SizeLimits()
  limits.learn(record('a', 80), 0)
  expect(sizes(limits.fit([output(79), output(80), output(81)], 1))).toEqual([['a', 79], ['dead', 50], ['dead', 50]])
  limits.learn(record('dead', 50), 2)
  limits.learn(record('dead', 60), 3)
  const fitted = limits.fit([output(79), output(80)], 4)
  expect(sizes(fitted)).toEqual([['a', 79], ['dead', 10]])
  expect([fitted.shortened, fitted.leftOut]).toEqual([1, []])
})

test('what no form is small enough for is left out and told', () => {
  const limits = new SizeLimits()
  limits.learn(record('a', 1), 0)
  limits.learn(record('dead', 5), 0)
  const one = output(100)
  expect(limits.fit([one], 1)).toEqual({ records: [], leftOut: [one], shortened: 0 })
})

test('a limit is forgotten after five minutes: somebody may have raised it', () => {
  const limits = new SizeLimits()
  limits.learn(record('a', 80), 0)
  expect(sizes(limits.fit([output(90)], 299_999))).toEqual([['dead', 50]])
  expect(sizes(limits.fit([output(90)], 300_000))).toEqual([['a', 90]])
})
