import { SnapshotDamaged, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from './errors.ts'
import { findDifferences } from './configuration.ts'
import { SnapshotReader } from './reader.ts'
import { isLittleEndian, type SnapshotWriter } from './writer.ts'

/**
 * The layout of everything behind the header. To be raised with every change of what any part writes; a reader takes its own
 * version only. The layouts inside the states of models and thresholds have versions of their own.
 */
export const snapshotVersion = 1

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
}

export function writeHeader(writer: SnapshotWriter, header: Omit<SnapshotHeader, 'version'>): void {
  writer.bytes(magic)
  writer.u8(snapshotVersion)
  writer.u8(hereEndian)
  writer.f64(header.nextOffset)
  writer.text(header.configuration)
}

/**
 * Reads what a snapshot says of itself, without checking the rest.
 *
 * @throws SnapshotDamaged for what is no snapshot; SnapshotOfAnotherVersion for one that cannot be read here.
 */
export function peekSnapshot(bytes: Uint8Array): SnapshotHeader {
  return readHeader(new SnapshotReader(bytes))
}

/**
 * Opens a snapshot: behind the header the reader stands at the state.
 *
 * @param configuration of the topology that is to go on from it.
 * @throws SnapshotOfAnotherVersion, SnapshotDamaged, SnapshotOfAnotherConfiguration, in this order.
 */
export function openSnapshot(bytes: Uint8Array, configuration: string): { header: SnapshotHeader; reader: SnapshotReader } {
  const reader = new SnapshotReader(bytes)
  const header = readHeader(reader)
  reader.checkWhole()
  const differences = findDifferences(header.configuration, configuration)
  if (differences.length > 0) {
    throw new SnapshotOfAnotherConfiguration(
      `The snapshot at offset ${header.nextOffset} was taken with another ${differences.join(', ')}: what models have learned does not fit what they would be fed now. ` +
        'Start without it: windows and models begin anew. Or bring the pipeline back to what it was.',
    )
  }
  return { header, reader }
}

function readHeader(reader: SnapshotReader): SnapshotHeader {
  if (!Buffer.from(reader.bytes(magic.length)).equals(magic)) {
    throw new SnapshotDamaged('The snapshot is damaged: it does not begin as one. Take the checkpoint before it, or start without one.')
  }
  const version = reader.u8()
  if (version !== snapshotVersion) {
    throw new SnapshotOfAnotherVersion(
      `The snapshot has the layout ${version}, and this detector reads ${snapshotVersion}. Run the detector that wrote it, or start without it: models warm up again.`,
    )
  }
  if (reader.u8() !== hereEndian) {
    throw new SnapshotOfAnotherVersion('The snapshot was written on a machine with another byte order. Run the detector on such a one, or start without it: models warm up again.')
  }
  return { version, nextOffset: reader.f64(), configuration: reader.text() }
}
