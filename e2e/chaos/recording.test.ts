import { expect, test } from 'vitest'
import { buildReadings, isBad, type RecordingOptions } from './recording.ts'

const recording: RecordingOptions = { topic: 't', partitions: 4, devices: 5, startMs: Date.UTC(2026, 0, 1), seed: 3 }
const records = buildReadings(recording, 0, 1_000)
const nowMs = Date.UTC(2026, 0, 2)

test('the same seconds come to the same records, in whatever pieces they are asked for', () => {
  expect([...buildReadings(recording, 0, 333), ...buildReadings(recording, 333, 1_000)]).toEqual(records)
  expect(buildReadings({ ...recording, seed: 4 }, 0, 10)).not.toEqual(buildReadings(recording, 0, 10))
})

test('a twentieth is odd: poison, late, twice, out of order, or far ahead', () => {
  const offsets = records.flatMap(({ value }, i) => {
    const text = value as string
    if (text.startsWith('poison ')) return ['poison']
    const { id, timestamp } = JSON.parse(text) as { id: string; timestamp: string }
    if (i > 0 && records[i - 1]!.value === value) return ['duplicate']
    const byS = (Date.parse(timestamp) - recording.startMs) / 1_000 - Number(id.split('-')[0])
    return byS === 0 ? [] : byS > 0 ? ['skewed'] : byS < -60 ? ['late'] : ['outOfOrder']
  })
  const shares = Object.fromEntries(['poison', 'late', 'duplicate', 'outOfOrder', 'skewed'].map((kind) => [kind, Math.round((offsets.filter((one) => one === kind).length / records.length) * 100)]))
  expect(shares).toEqual({ poison: 1, late: 1, duplicate: 1, outOfOrder: 1, skewed: 1 })
})

test('poison and readings far ahead are bad, others are not', () => {
  const bad = records.filter(({ value }) => isBad(value as string, nowMs))
  expect(Math.round((bad.length / records.length) * 100)).toBe(2)
  expect(bad.every(({ value }) => (value as string).startsWith('poison ') || JSON.stringify(value).includes('2026-01-31'))).toBe(true)
})
