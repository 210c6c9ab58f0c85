import { SnapshotDamaged, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from './errors.ts'
import { findDifferences } from './configuration.ts'
import { migrations, type Migrations } from './migrations.ts'
import { SnapshotReader } from './reader.ts'
import { splitSnapshots } from './split.ts'
import { isLittleEndian, joinPieces, type SnapshotWriter, type Trailer } from './writer.ts'

/**
 * The layout of everything behind the version. To be raised with every change of what any part writes, together with a migration from
 * the one before (migrations.ts). The layouts inside the states of models and thresholds have versions of their own.
 */
export const snapshotVersion = 4

const magic = Buffer.from('TWSNAP')
const littleEndian = 0
const bigEndian = 1
const hereEndian = isLittleEndian ? littleEndian : bigEndian

/** What a snapshot says of itself. */
export interface SnapshotHeader {
  version: number
  /** The first record that is not in it. */
  nextOffset: number
  /** As `describeConfiguration` gave it. */
  configuration: string
  /** Of an increment: what it goes on from. Undefined for a full one. */
  follows: Trailer | undefined
}

/** A snapshot whose header and checksum were found right; the reader stands behind the header. */
export interface OpenedSnapshot {
  header: SnapshotHeader
  reader: SnapshotReader
}

export function writeHeader(writer: SnapshotWriter, { nextOffset, configuration, follows }: Omit<SnapshotHeader, 'version'>): void {
  writer.bytes(magic)
  writer.u8(snapshotVersion)
  writer.u8(hereEndian)
  writer.f64(nextOffset)
  writer.text(configuration)
  writer.u8(follows === undefined ? 0 : 1)
  if (follows === undefined) return
  writer.u32(follows.length)
  writer.u32(follows.checksum)
}

/**
 * Reads what a snapshot says of itself, without checking the rest.
 *
 * @throws SnapshotDamaged for what is no snapshot; SnapshotOfAnotherVersion for one that cannot be read here.
 */
export function peekSnapshot(bytes: Uint8Array): SnapshotHeader {
  return readHeader(new SnapshotReader(bytes))
}

/** What the pieces of one snapshot are: whether an increment, and what they end with. */
export function describePieces(pieces: readonly Uint8Array[]): { isIncrement: boolean; trailer: Trailer } {
  // A long configuration may reach into the second one, and the last bytes of what is given are taken for the trailer.
  const { follows } = peekSnapshot(joinPieces(pieces.slice(0, 3)))
  const { trailer } = new SnapshotReader(joinPieces(pieces.slice(-2)))
  return { isIncrement: follows !== undefined, trailer }
}

/**
 * Opens a full snapshot with the increments behind it, each directly after the one that it follows, and brings them to this version's layout.
 *
 * @param configuration of the topology that is to go on from it.
 * @throws SnapshotDamaged, SnapshotOfAnotherVersion, SnapshotOfAnotherConfiguration, in this order.
 */
export function openSnapshot(bytes: Uint8Array, configuration: string, known: Migrations = migrations): [OpenedSnapshot, ...OpenedSnapshot[]] {
  // What every version has: so damage is not taken for another version.
  let parts = splitSnapshots(bytes)
  for (const part of parts) new SnapshotReader(part).checkWhole()
  const migrated = migrate(bytes, known)
  if (migrated !== bytes) parts = splitSnapshots(migrated)
  const opened = parts.map((part) => {
    const reader = new SnapshotReader(part)
    return { header: readHeader(reader), reader }
  })
  opened.forEach(({ header }, i) => {
    checkFollows(header, opened[i - 1])
    const differences = findDifferences(header.configuration, configuration)
    if (differences.length > 0) {
      throw new SnapshotOfAnotherConfiguration(
        `The snapshot at offset ${header.nextOffset} was taken with another ${differences.join(', ')}: what models have learned does not fit what they would be fed now. ` +
          'Start without it: windows and models begin anew. Or bring the pipeline back to what it was.',
      )
    }
  })
  return opened as [OpenedSnapshot, ...OpenedSnapshot[]]
}

/** @throws SnapshotOfAnotherVersion where no way leads to this version's layout. */
function migrate(bytes: Uint8Array, known: Migrations): Uint8Array {
  const versionOf = (snapshot: Uint8Array): number => readVersion(new SnapshotReader(snapshot))
  let migrated = bytes
  for (let version = versionOf(bytes); version !== snapshotVersion; version++) {
    const step = version < snapshotVersion ? known.get(version) : undefined
    if (step === undefined) throw ofAnotherVersion(versionOf(bytes))
    migrated = step(migrated)
    if (versionOf(migrated) !== version + 1) throw new Error(`the migration from the layout ${version} came to ${versionOf(migrated)}`)
  }
  return migrated
}

function ofAnotherVersion(version: number) {
  return new SnapshotOfAnotherVersion(`The snapshot has the layout ${version}, and this detector reads ${snapshotVersion}. Run the detector that wrote it, or start without it: models warm up again.`)
}

function checkFollows({ follows, nextOffset }: SnapshotHeader, before: OpenedSnapshot | undefined): void {
  const { trailer } = before?.reader ?? {}
  if (follows?.length === trailer?.length && follows?.checksum === trailer?.checksum) return
  const what = follows === undefined ? 'a full one lies in the middle' : before === undefined ? `an increment, to offset ${nextOffset}, has nothing before it` : `the increment to offset ${nextOffset} follows another one than that before it`
  throw new SnapshotDamaged(`The snapshot is damaged: ${what}. Take the checkpoint before it, or start without one.`)
}

function readVersion(reader: SnapshotReader): number {
  if (!Buffer.from(reader.bytes(magic.length)).equals(magic)) {
    throw new SnapshotDamaged('The snapshot is damaged: it does not begin as one. Take the checkpoint before it, or start without one.')
  }
  return reader.u8()
}

function readHeader(reader: SnapshotReader): SnapshotHeader {
  const version = readVersion(reader)
  if (version !== snapshotVersion) throw ofAnotherVersion(version)
  if (reader.u8() !== hereEndian) {
    throw new SnapshotOfAnotherVersion('The snapshot was written on a machine with another byte order. Run the detector on such a one, or start without it: models warm up again.')
  }
  const nextOffset = reader.f64()
  const configuration = reader.text()
  return { version, nextOffset, configuration, follows: reader.u8() === 0 ? undefined : { length: reader.u32(), checksum: reader.u32() } }
}
