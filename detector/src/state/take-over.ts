import type { AssignedPartition, CommittedPosition } from '@tidewatch/kafka'
import { codeOf, messageOf, type Logger } from '@tidewatch/kit'
import { SnapshotDamaged, SnapshotNotOfThisCommit, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import type { Topology } from '../topology.ts'
import type { CheckpointStore } from './checkpoint-store.ts'

export interface TakeOverOptions {
  assigned: AssignedPartition
  startFrom: 'Earliest' | 'Latest'
  createTopology: () => Topology
  /** Undefined: state is not kept. */
  store: CheckpointStore | undefined
  otherVersions: OtherVersions
  log: Logger
}

/**
 * What becomes of a partition whose only checkpoints are of another version and cannot be migrated. `refuse`: it is not taken over, so that
 * the version that wrote them can take up what models have learned. `startFresh`: it begins without them.
 */
export type OtherVersions = 'refuse' | 'startFresh'

export interface TakenOver {
  topology: Topology
  /** What the state was rebuilt from. */
  from: 'checkpoint' | 'restorePoint' | 'nothing'
  /** Offset of the checkpoint. */
  restoredOffset: number | undefined
  /** Where the group stands, where that means something. */
  committed: CommittedPosition | undefined
}

const refusals: string[] = [SnapshotDamaged.code, SnapshotOfAnotherVersion.code, SnapshotOfAnotherConfiguration.code, SnapshotNotOfThisCommit.code]

/**
 * Rebuilds a partition's state, from the best that is there:
 *
 *     log         ... C1 ...... C2 ........ O ......       O: committed
 *     checkpoint              [ C2 ]~~~~~~~~|=====>        ~ read again silently, then in the open
 *     damaged?    [ C1 ]~~~~~~~~~~~~~~~~~~~~|=====>
 *     none?                        r~~~~~~~~|=====>        r: first record of a window open at O; models warm up again
 */
export async function takeOver(options: TakeOverOptions): Promise<TakenOver> {
  const { assigned, startFrom, createTopology, log } = options
  const { partition, committed, logStartOffset, logEndOffset } = assigned
  if (committed === undefined || committed.offset > logEndOffset) {
    if (committed !== undefined) log.error({ partition, committedOffset: committed.offset, logEndOffset }, 'Committed offset lies behind the end of the log, which must have been made anew')
    const topology = createTopology()
    topology.start(startFrom === 'Earliest' ? logStartOffset : logEndOffset)
    return { topology, from: 'nothing', restoredOffset: undefined, committed }
  }
  const restored = await restore(options, committed)
  if (restored !== undefined) return { ...restored, from: 'checkpoint', committed }
  const topology = createTopology()
  const { startOffset } = topology.resume(committed)
  if (startOffset < logStartOffset) {
    log.warn({ partition, startOffset, logStartOffset }, 'Records of open windows are gone from the log, so these windows come out too small')
  }
  return { topology, from: 'restorePoint', restoredOffset: undefined, committed }
}

/** @throws SnapshotOfAnotherVersion where there is nothing but what another version has written, and that is to be refused. */
async function restore({ assigned, createTopology, store, otherVersions, log }: TakeOverOptions, committed: CommittedPosition): Promise<Pick<TakenOver, 'topology' | 'restoredOffset'> | undefined> {
  const { partition, logStartOffset } = assigned
  let passedOver = 0
  let ofAnotherVersion: unknown
  const passOver = (checkpoint: string | undefined, error: unknown): void => {
    if (!refusals.includes(codeOf(error) ?? '')) throw error
    passedOver++
    if (codeOf(error) === SnapshotOfAnotherVersion.code) ofAnotherVersion ??= error
    log.warn({ partition, checkpoint, reason: codeOf(error), err: error }, 'Passed over a checkpoint')
  }
  try {
    for await (const { id, nextOffset, bytes } of store?.find(partition, committed.offset) ?? []) {
      if (nextOffset < logStartOffset) {
        log.warn({ partition, checkpoint: id, logStartOffset }, 'Passed over a checkpoint: records after it are gone from the log')
        break
      }
      const topology = createTopology()
      try {
        checkOffset(topology.restore(bytes), nextOffset)
        topology.resumeSilently(committed)
      } catch (error) {
        passOver(id, error)
        continue
      }
      log.info({ partition, checkpoint: id, committedOffset: committed.offset, bytes: bytes.length }, 'Restored a partition from a checkpoint')
      return { topology, restoredOffset: nextOffset }
    }
  } catch (error) {
    passOver(undefined, error)
  }
  if (ofAnotherVersion !== undefined && otherVersions === 'refuse') {
    throw new SnapshotOfAnotherVersion(`Partition ${partition} was not taken over. ${messageOf(ofAnotherVersion)} To start without: TIDEWATCH_OTHER_CHECKPOINTS=startFresh`, { cause: ofAnotherVersion })
  }
  if (passedOver > 0) log.warn({ partition, passedOver }, 'No checkpoint of this partition can be used: it starts fresh, and its models warm up again')
  return undefined
}

function checkOffset({ nextOffset }: { nextOffset: number }, manifestOffset: number): void {
  if (nextOffset === manifestOffset) return
  throw new SnapshotDamaged(`The checkpoint is damaged: its manifest tells offset ${manifestOffset}, and the snapshot is of ${nextOffset}. Take the checkpoint before it, or start without one.`)
}
