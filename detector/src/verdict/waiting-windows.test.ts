import { expect, test } from 'vitest'
import { SnapshotReader } from '../snapshot/reader.ts'
import { joinPieces, SnapshotWriter } from '../snapshot/writer.ts'
import { WaitingWindows } from './waiting-windows.ts'

function waitingOf(windows: Record<string, number[]>[], most = 3): WaitingWindows {
  const waiting = new WaitingWindows(most)
  for (const window of windows) {
    waiting.begin()
    for (const [metric, features] of Object.entries(window)) waiting.add(metric, Float64Array.from(features))
  }
  return waiting
}

function vectorsOf(waiting: WaitingWindows, metrics: string[], width = 2): number[][] {
  const vector = new Float64Array(metrics.length * width)
  return Array.from(waiting.fillEach(metrics, vector), () => [...vector])
}

function bytesOf(waiting: WaitingWindows): Uint8Array {
  const writer = new SnapshotWriter()
  waiting.writeTo(writer)
  writer.finish()
  return joinPieces(writer.takePieces())
}

const mixed = waitingOf([{ b: [1, 2] }, {}, { b: [3, 4], a: [5, 6] }, { a: [7, 8], c: [0, 0] }, { c: [9, 9], a: [10, 11], b: [12, 13] }])

test('metrics are those of all windows, in alphabetical order', () => {
  expect(mixed.count).toBe(5)
  expect(mixed.metrics).toEqual(['a', 'b', 'c'])
})

test('a vector is made of each window that has all the metrics, in the order that is asked for', () => {
  expect(vectorsOf(mixed, ['a', 'b'])).toEqual([[5, 6, 3, 4], [10, 11, 12, 13]])
  expect(vectorsOf(mixed, ['b'])).toEqual([[1, 2], [3, 4], [12, 13]])
  expect(vectorsOf(mixed, ['d'])).toEqual([])
})

test('more windows than were expected, of more metrics than the first, are kept', () => {
  const windows = Array.from({ length: 50 }, (_, i) => ({ a: [i, -i], ...(i > 4 && { b: [i, i * 2] }) }))
  expect(vectorsOf(waitingOf(windows), ['a', 'b'])).toEqual(windows.slice(5).map((_, i) => [i + 5, -i - 5, i + 5, 2 * i + 10]))
})

test('what was written is read, and written again is the same to the bit', () => {
  const bytes = bytesOf(mixed)
  const restored = WaitingWindows.readFrom(new SnapshotReader(bytes), 3)
  expect(bytesOf(restored)).toEqual(bytes)
  expect(vectorsOf(restored, ['c', 'a'])).toEqual(vectorsOf(mixed, ['c', 'a']))
  restored.begin()
  restored.add('a', Float64Array.of(1, 1))
  expect(vectorsOf(restored, ['a']).at(-1)).toEqual([1, 1])
})
