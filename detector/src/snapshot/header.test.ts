import { crc32 } from 'node:zlib'
import type { DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig } from '../testing/index.ts'
import { describeConfiguration } from './configuration.ts'
import { SnapshotDamaged, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from './errors.ts'
import { describePieces, openSnapshot, peekSnapshot, snapshotVersion, writeHeader } from './header.ts'
import type { Migration, Migrations } from './migrations.ts'
import { SnapshotReader } from './reader.ts'
import { joinPieces, SnapshotWriter, type Trailer } from './writer.ts'

const configuration = describeConfiguration(aConfig(), 3)

function aSnapshot(state = 99, follows?: Trailer): Buffer {
  const writer = new SnapshotWriter()
  writeHeader(writer, { nextOffset: 17, configuration, follows })
  writer.u32(state)
  writer.finish()
  return Buffer.from(joinPieces(writer.takePieces()))
}

const trailerOf = (bytes: Uint8Array): Trailer => new SnapshotReader(bytes).trailer

/** With one byte another one, and the checksum right again. */
function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  copy.writeUInt32LE(crc32(copy.subarray(0, -8)), copy.length - 4)
  return copy
}

test('a snapshot says what it is, and opens at its state', () => {
  expect(peekSnapshot(aSnapshot())).toEqual({ version: snapshotVersion, nextOffset: 17, configuration, follows: undefined })
  expect(openSnapshot(aSnapshot(), configuration)[0].reader.u32()).toBe(99)
})

test('what it is can be told of its pieces', () => {
  const piecesOf = (bytes: Buffer) => [bytes.subarray(0, 12), bytes.subarray(12, -8), bytes.subarray(-8)]
  const full = aSnapshot()
  expect(describePieces(piecesOf(full))).toEqual({ isIncrement: false, trailer: trailerOf(full) })
  const increment = aSnapshot(1, trailerOf(full))
  expect(describePieces(piecesOf(increment))).toEqual({ isIncrement: true, trailer: trailerOf(increment) })
})

describe('another version', () => {
  test.each([
    [6, snapshotVersion + 1, `The snapshot has the layout ${snapshotVersion + 1}, and this detector reads ${snapshotVersion}. Run the detector that wrote it, or start without it: models warm up again.`],
    [6, 1, `The snapshot has the layout 1, and this detector reads ${snapshotVersion}. Run the detector that wrote it, or start without it: models warm up again.`],
    [7, 1, 'The snapshot was written on a machine with another byte order. Run the detector on such a one, or start without it: models warm up again.'],
  ])('is refused with both named (byte %i is %i)', (at, value, message) => {
    const bytes = changed(aSnapshot(), at, value)
    expect(() => openSnapshot(bytes, configuration)).toThrow(SnapshotOfAnotherVersion)
    expect(() => openSnapshot(bytes, configuration)).toThrow(message)
    expect(() => peekSnapshot(bytes)).toThrow(message)
  })

  test.each([6, 7])('is not what damage looks like (byte %i)', (at) => {
    const bytes = aSnapshot()
    bytes[at] = 7
    expect(() => openSnapshot(bytes, configuration)).toThrow(SnapshotDamaged)
  })

  // Made up: two layouts ago the state was a text, in the last one the number's half.
  const [first, second] = [snapshotVersion - 2, snapshotVersion - 1]
  const older = (version: number, write: (writer: SnapshotWriter) => void): Buffer => {
    const writer = new SnapshotWriter()
    writer.bytes(Buffer.from('TWSNAP'))
    writer.u8(version)
    write(writer)
    writer.finish()
    return Buffer.from(joinPieces(writer.takePieces()))
  }
  const stateOf = (bytes: Uint8Array): SnapshotReader => {
    const reader = new SnapshotReader(bytes)
    reader.bytes(7)
    return reader
  }
  const fromOne: Migration = (bytes) => older(second, (writer) => writer.u32(Number(stateOf(bytes).text())))
  const fromTwo: Migration = (bytes) => aSnapshot(stateOf(bytes).u32() * 2)

  test('is migrated step by step where a way is known', () => {
    const known: Migrations = new Map([[first, fromOne], [second, fromTwo]])
    expect(openSnapshot(older(second, (writer) => writer.u32(21)), configuration, known)[0].reader.u32()).toBe(42)
    expect(openSnapshot(older(first, (writer) => writer.text('21')), configuration, known)[0].reader.u32()).toBe(42)
  })

  test('is refused where the way has a gap, and named as it was', () => {
    expect(() => openSnapshot(older(first, (writer) => writer.text('21')), configuration, new Map([[first, fromOne]]))).toThrow(`The snapshot has the layout ${first}, and this detector reads ${snapshotVersion}.`)
  })

  test('is not migrated when it is damaged', () => {
    const bytes = older(second, (writer) => writer.u32(21))
    bytes[8]! ^= 1
    expect(() => openSnapshot(bytes, configuration, new Map([[second, fromTwo]]))).toThrow(SnapshotDamaged)
  })

  test('a migration that does not lead to the next layout is a mistake of ours', () => {
    expect(() => openSnapshot(older(second, (writer) => writer.u32(21)), configuration, new Map([[second, (bytes) => bytes]]))).toThrow(`the migration from the layout ${second} came to ${second}`)
  })
})

describe('increments', () => {
  const full = aSnapshot(1)
  const first = aSnapshot(2, trailerOf(full))
  const second = aSnapshot(3, trailerOf(first))

  test('are opened in their order', () => {
    expect(openSnapshot(Buffer.concat([full, first, second]), configuration).map(({ reader }) => reader.u32())).toEqual([1, 2, 3])
  })

  test.each([
    ['the full one is missing', [first, second], 'an increment, to offset 17, has nothing before it'],
    ['one is missing', [full, second], 'the increment to offset 17 follows another one than that before it'],
    ['one comes twice', [full, first, first], 'follows another one than that before it'],
    ['two are exchanged', [full, second, first], 'follows another one than that before it'],
    ['it goes on from another full one', [aSnapshot(9), first], 'follows another one than that before it'],
    ['a full one lies among them', [full, full], 'a full one lies in the middle'],
  ])('are refused when %s', (_, parts, message) => {
    expect(() => openSnapshot(Buffer.concat(parts), configuration)).toThrow(SnapshotDamaged)
    expect(() => openSnapshot(Buffer.concat(parts), configuration)).toThrow(message)
  })
})

test.each([[Buffer.alloc(0)], [Buffer.from('something else altogether')], [aSnapshot().subarray(0, 50)], [aSnapshot().subarray(0, -1)]])('what is no whole snapshot is damaged', (bytes) => {
  expect(() => openSnapshot(bytes, configuration)).toThrow(SnapshotDamaged)
})

describe('another configuration', () => {
  test.each<[string, Partial<DetectorConfig>]>([
    ['features', { features: ['mean'] }],
    ['window', { window: { kind: 'tumbling', sizeMs: 60_000 } }],
    ['model', { model: { kind: 'robustZScore', parameters: { limit: 4 } } }],
    ['scope, warmUp', { scope: 'All', warmUp: 31 }],
    ['pipeline', { pipeline: { name: 'test', namespace: 'default', uid: 'another' } }],
  ])('is named: %s', (names, given) => {
    const open = () => openSnapshot(aSnapshot(), describeConfiguration(aConfig(given), 3))
    expect(open).toThrow(SnapshotOfAnotherConfiguration)
    expect(open).toThrow(`The snapshot at offset 17 was taken with another ${names}: `)
    expect(open).toThrow('Start without it: windows and models begin anew.')
  })

  test('and so is another partition', () => {
    expect(() => openSnapshot(aSnapshot(), describeConfiguration(aConfig(), 4))).toThrow('with another partition: ')
  })

  test('where results go, and how often, is not part of it; nor is the order in the file', () => {
    const { window: _, reading, ...rest } = aConfig()
    const same = {
      ...rest, commitIntervalMs: 5, outputs: { anomalies: 'elsewhere', deadLetters: 'there' }, window: { slideMs: 10_000, sizeMs: 60_000, kind: 'sliding' },
      reading: Object.fromEntries(Object.entries(reading).reverse()),
    } as DetectorConfig
    expect(describeConfiguration(same, 3)).toBe(configuration)
  })
})
