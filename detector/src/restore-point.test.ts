import { expect, test } from 'vitest'
import { formatRestorePoint, maxMetadataBytes, parseRestorePoint, type RestorePoint } from './restore-point.ts'
import { maxBounds, maxJumps } from './snapshot/replay-notes.ts'
import { maxGrowths, type Growth } from './window/growth.ts'

const point: RestorePoint = {
  restoreOffset: 8_820, watermarkMs: 1_767_228_594_000, maxEventTimeMs: 1_767_228_599_000.5, startWatermarkMs: 1_767_228_500_000,
  jumps: [[9_000, 1_767_228_590_000]], bounds: [[8_900, 1_767_232_190_000], [9_100, Infinity]], completeFrom: 8_000, observedFromMs: 1_767_225_600_000, lastRecordAtMs: 1_767_228_600_000,
  partitions: 6, growths: [[8_830, 8_990, 1_767_228_580_000], [8_995, null, -Infinity]],
}

test('a restore point is read as it was written', () => {
  expect(parseRestorePoint(formatRestorePoint(point))).toEqual(point)
})

test('times that are not known yet survive JSON', () => {
  const unknown = { restoreOffset: 0, watermarkMs: -Infinity, maxEventTimeMs: -Infinity, startWatermarkMs: -Infinity, jumps: [], bounds: [], completeFrom: 0, observedFromMs: Infinity, lastRecordAtMs: -Infinity, partitions: undefined, growths: [] }
  expect(parseRestorePoint(formatRestorePoint(unknown))).toEqual(unknown)
})

test('the largest restore point fits into the metadata of a commit', () => {
  const largest = {
    restoreOffset: Number.MAX_SAFE_INTEGER, watermarkMs: 1_767_228_594_000.1234, maxEventTimeMs: 1_767_228_594_000.1234, startWatermarkMs: 1_767_228_594_000.1234,
    jumps: Array.from({ length: maxJumps }, (): [number, number] => [Number.MAX_SAFE_INTEGER, 1_767_228_594_000.1234]),
    bounds: Array.from({ length: maxBounds }, (): [number, number] => [Number.MAX_SAFE_INTEGER, 1_767_228_594_000.1234]), completeFrom: Number.MAX_SAFE_INTEGER,
    observedFromMs: 1_767_228_594_000.1234, lastRecordAtMs: 1_767_228_594_000, partitions: 1_000_000,
    growths: Array.from({ length: maxGrowths }, (): Growth => [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 1_767_228_594_000.1234]),
  }
  expect(Buffer.byteLength(formatRestorePoint(largest))).toBeLessThan(maxMetadataBytes)
})

test('those of earlier layouts are read still, and say what they do not know', () => {
  const { p: _, g: __, ...second } = JSON.parse(formatRestorePoint(point)) as Record<string, unknown>
  expect(parseRestorePoint(JSON.stringify({ ...second, v: 2 }))).toEqual({ ...point, partitions: undefined, growths: [] })
  const { b: ___, n: ____, ...first } = second
  expect(parseRestorePoint(JSON.stringify({ ...first, v: 1 }))).toEqual({ ...point, bounds: [], completeFrom: Infinity, partitions: undefined, growths: [] })
})

test.each(['', 'null', '[]', '{}', '{"v":3}', formatRestorePoint(point).replace('"v":3', '"v":7'), formatRestorePoint(point).replace('8820', '-1'), formatRestorePoint(point).slice(1)])(
  'anything else is not read: %s',
  (metadata) => {
    expect(parseRestorePoint(metadata)).toBeUndefined()
  },
)
