import type { DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig } from '../testing/index.ts'
import { describeConfiguration } from './configuration.ts'
import { SnapshotDamaged, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from './errors.ts'
import { openSnapshot, peekSnapshot, snapshotVersion, writeHeader } from './header.ts'
import { joinPieces, SnapshotWriter } from './writer.ts'

const configuration = describeConfiguration(aConfig(), 3)

function aSnapshot(): Buffer {
  const writer = new SnapshotWriter()
  writeHeader(writer, { nextOffset: 17, configuration })
  writer.u32(99)
  writer.finish()
  return Buffer.from(joinPieces(writer.takePieces()))
}

test('a snapshot says what it is, and opens at its state', () => {
  expect(peekSnapshot(aSnapshot())).toEqual({ version: snapshotVersion, nextOffset: 17, configuration })
  expect(openSnapshot(aSnapshot(), configuration).reader.u32()).toBe(99)
})

test.each([[6, snapshotVersion + 1, 'The snapshot has the layout 2, and this detector reads 1.'], [7, 1, 'byte order']])('one that cannot be read here is refused, damaged or not (byte %i)', (at, value, message) => {
  const bytes = aSnapshot()
  bytes[at] = value
  expect(() => openSnapshot(bytes, configuration)).toThrow(SnapshotOfAnotherVersion)
  expect(() => peekSnapshot(bytes)).toThrow(message)
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
