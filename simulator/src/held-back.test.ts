import { mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { HeldBack } from './held-back.ts'
import type { SimulatedRecord } from './record.ts'

const aRecord = (dueMs: number, key: string): SimulatedRecord => ({ dueMs, eventTimeMs: 0, key, value: '', fault: undefined, partition: undefined, createTimeMs: undefined })

test('records come back by time, and in the order they came at the same time', () => {
  const uniform = mulberry32(1)
  const records = Array.from({ length: 500 }, (_, i) => aRecord(Math.floor(uniform() * 50), String(i)))
  const held = new HeldBack()
  records.forEach((record) => held.add(record))
  const taken: SimulatedRecord[] = []
  while (held.dueMs < Infinity) taken.push(held.take())
  expect(taken).toEqual(records.toSorted((a, b) => a.dueMs - b.dueMs))
  expect(() => held.take()).toThrow(RangeError)
})
