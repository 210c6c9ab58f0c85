import { expect, test } from 'vitest'
import { formatRestorePoint, maxMetadataBytes, parseRestorePoint, type RestorePoint } from './restore-point.ts'
import { maxBounds, maxJumps } from './snapshot/replay-notes.ts'

const point: RestorePoint = {
  restoreOffset: 8_820, watermarkMs: 1_767_228_594_000, maxEventTimeMs: 1_767_228_599_000.5, startWatermarkMs: 1_767_228_500_000,
  jumps: [[9_000, 1_767_228_590_000]], bounds: [[8_900, 1_767_232_190_000], [9_100, Infinity]], completeFrom: 8_000, observedFromMs: 1_767_225_600_000, lastRecordAtMs: 1_767_228_600_000,
}

test('a restore point is read as it was written', () => {
  expect(parseRestorePoint(formatRestorePoint(point))).toEqual(point)
})

test('times that are not known yet survive JSON', () => {
  const unknown = { restoreOffset: 0, watermarkMs: -Infinity, maxEventTimeMs: -Infinity, startWatermarkMs: -Infinity, jumps: [], bounds: [], completeFrom: 0, observedFromMs: Infinity, lastRecordAtMs: -Infinity }
  expect(parseRestorePoint(formatRestorePoint(unknown))).toEqual(unknown)
})

test('the largest restore point fits into the metadata of a commit', () => {
  const largest = {
    restoreOffset: Number.MAX_SAFE_INTEGER, watermarkMs: 1_767_228_594_000.1234, maxEventTimeMs: 1_767_228_594_000.1234, startWatermarkMs: 1_767_228_594_000.1234,
    jumps: Array.from({ length: maxJumps }, (): [number, number] => [Number.MAX_SAFE_INTEGER, 1_767_228_594_000.1234]),
    bounds: Array.from({ length: maxBounds }, (): [number, number] => [Number.MAX_SAFE_INTEGER, 1_767_228_594_000.1234]), completeFrom: Number.MAX_SAFE_INTEGER,
    observedFromMs: 1_767_228_594_000.1234, lastRecordAtMs: 1_767_228_594_000,
  }
  expect(Buffer.byteLength(formatRestorePoint(largest))).toBeLessThan(maxMetadataBytes)
})

test('one of the first layout is read still, and says that it knows nothing of the clock', () => {
  const { bounds: _, completeFrom: __, ...known } = point
  const { b: ___, n: ____, ...first } = JSON.parse(formatRestorePoint(point)) as Record<string, unknown>
  expect(parseRestorePoint(JSON.stringify({ ...first, v: 1 }))).toEqual({ ...known, bounds: [], completeFrom: Infinity })
})

test.each(['', 'null', '[]', '{}', '{"v":2}', formatRestorePoint(point).replace('"v":2', '"v":7'), formatRestorePoint(point).replace('8820', '-1'), formatRestorePoint(point).slice(1)])(
  'anything else is not read: %s',
  (metadata) => {
    expect(parseRestorePoint(metadata)).toBeUndefined()
  },
)
