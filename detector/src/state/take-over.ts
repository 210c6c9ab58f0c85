import type { AssignedPartition, CommittedPosition } from '@tidewatch/kafka'
import { codeOf, type Logger } from '@tidewatch/kit'
import { SnapshotDamaged, SnapshotNotOfThisCommit, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import type { Topology } from '../topology.ts'
import type { CheckpointStore } from './checkpoint-store.ts'

export interface TakeOverOptions {
  assigned: AssignedPartition
  startFrom: 'Earliest' | 'Latest'
  createTopology: () => Topology
  /** Undefined: state is not kept. */
  store: CheckpointStore | undefined
  log: Logger
}

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

async function restore({ assigned, createTopology, store, log }: TakeOverOptions, committed: CommittedPosition): Promise<Pick<TakenOver, 'topology' | 'restoredOffset'> | undefined> {
  const { partition, logStartOffset } = assigned
  let passedOver = 0
  for await (const { id, nextOffset, bytes } of store?.find(partition, committed.offset) ?? []) {
    if (nextOffset < logStartOffset) {
      log.warn({ partition, checkpoint: id, logStartOffset }, 'Passed over a checkpoint: records after it are gone from the log')
      break
    }
    const topology = createTopology()
    try {
      topology.restore(bytes)
      topology.resumeSilently(committed)
      log.info({ partition, checkpoint: id, committedOffset: committed.offset, bytes: bytes.length }, 'Restored a partition from a checkpoint')
      return { topology, restoredOffset: nextOffset }
    } catch (error) {
      if (!refusals.includes(codeOf(error) ?? '')) throw error
      passedOver++
      log.warn({ partition, checkpoint: id, reason: codeOf(error), err: error }, 'Passed over a checkpoint')
    }
  }
  if (passedOver > 0) log.warn({ partition, passedOver }, 'No checkpoint of this partition can be used: it starts fresh, and its models warm up again')
  return undefined
}
