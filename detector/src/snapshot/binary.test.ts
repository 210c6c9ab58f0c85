import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { SnapshotDamaged } from './errors.ts'
import { SnapshotReader } from './reader.ts'
import { joinPieces, pieceBytes, SnapshotWriter } from './writer.ts'

function written(write: (writer: SnapshotWriter) => void): Uint8Array {
  const writer = new SnapshotWriter()
  write(writer)
  writer.finish()
  return joinPieces(writer.takePieces())
}

const readerOf = (write: (writer: SnapshotWriter) => void): SnapshotReader => {
  const reader = new SnapshotReader(written(write))
  reader.checkWhole()
  return reader
}

describe('what is written is read', () => {
  test.each([0, -0, 1.1, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, -1.7976931348623157e308])('numbers, to the bit: %d', (number) => {
    const reader = readerOf((writer) => writer.f64(number))
    expect(reader.f64()).toBe(number)
    reader.checkEnd()
  })

  test.each(['', 'sensor-1', 'Müller 🌊', 'half \ud800 a pair', '\0', 'x'.repeat(257), 'ü'.repeat(300), '\udfff'.repeat(10)])('texts, well formed or not: %j', (text) => {
    const reader = readerOf((writer) => {
      writer.text(text)
      writer.names([text, 'other', text])
    })
    expect([reader.text(), reader.names()]).toEqual([text, [text, 'other', text]])
    reader.checkEnd()
  })

  test.each([
    [null], [true], [false], [-0], ['text'], [[]], [{}], [[1, 2.5, -0, Infinity]], [[1, 'two', null, [3]]], [new Float64Array()], [Float64Array.of(1, -0, NaN)], [new Float64Array(65).fill(7)],
    [{ a: 1, b: { c: [1, 2], d: null } }], [[{ a: 1, b: 2 }, { a: 3, b: 4 }, { b: 5, a: 6 }]],
  ])('plain data: %j', (value) => {
    const reader = readerOf((writer) => writer.value(value))
    expect(reader.value()).toEqual(value)
    reader.checkEnd()
  })

  test('over the borders of pieces, whatever lies there', () => {
    const draw = mulberry32(3)
    const values = Array.from({ length: 4_000 }, () => {
      const length = Math.floor(draw() * 120)
      const dice = draw()
      return dice < 0.3 ? 'ü'.repeat(length) : dice < 0.6 ? new Float64Array(length).fill(draw()) : dice < 0.9 ? Array.from({ length }, draw) : { length, of: [null, 'x'] }
    })
    const writer = new SnapshotWriter()
    values.forEach((value) => writer.value(value))
    writer.finish()
    const pieces = writer.takePieces()
    expect(pieces.length).toBeGreaterThan(3)
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(pieceBytes)
    const reader = new SnapshotReader(joinPieces(pieces))
    reader.checkWhole()
    expect(values.map(() => reader.value())).toEqual(values)
    reader.checkEnd()
  })
})

test('what is no plain data is not written', () => {
  expect(() => new SnapshotWriter().value({ a: undefined })).toThrow('a undefined is no plain data: it cannot be part of a snapshot')
})

describe('damage is found', () => {
  const bytes = written((writer) => {
    writer.names(['a', 'b'])
    writer.value({ a: [1, 2], b: Float64Array.of(3) })
  })

  test('wherever a bit is turned', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Uint8Array.from(bytes)
        damaged[at]! ^= 1 << bit
        expect(() => new SnapshotReader(damaged).checkWhole()).toThrow(SnapshotDamaged)
      }
    }
  })

  test('wherever it ends too early, or goes on', () => {
    for (let length = 0; length < bytes.length; length++) expect(() => new SnapshotReader(bytes.subarray(0, length)).checkWhole()).toThrow(SnapshotDamaged)
    expect(() => new SnapshotReader(Buffer.concat([bytes, Buffer.of(0)])).checkWhole()).toThrow(SnapshotDamaged)
  })

  test('what passes the checksum and makes no sense is refused, not obeyed', () => {
    const draw = mulberry32(5)
    for (let run = 0; run < 3_000; run++) {
      const noise = Uint8Array.from({ length: 40 }, () => (draw() < 0.5 ? Math.floor(draw() * 9) : Math.floor(draw() * 256)))
      const reader = new SnapshotReader(noise)
      try {
        for (let i = 0; i < 40; i++) reader.value()
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotDamaged)
        expect((error as Error).message).toContain('Take the checkpoint before it, or start without one.')
      }
    }
  })

  test('nesting without an end is refused', () => {
    const lists = Buffer.alloc(6_000)
    for (let at = 0; at < 5_000; at += 5) {
      lists[at] = 6
      lists.writeUInt32LE(1, at + 1)
    }
    expect(() => new SnapshotReader(lists).value()).toThrow('it nests too deeply')
  })
})
