import { TopicMissing, type AssignedPartition, type CommittedPosition, type TopicAdmin } from '@tidewatch/kafka'
import { defineError, messageOf, type Logger } from '@tidewatch/kit'
import { parseRestorePoint } from '../restore-point.ts'

/** The input has come to have more partitions: whoever works on it must begin anew where the group stands. */
export const TopicGrown = defineError('TOPIC_GROWN', { retry: 'never' })

/** A partition with what is known of the whole topic. */
export interface AssignedOfTopic extends AssignedPartition {
  /** How many partitions the topic has; undefined where nobody has looked. */
  partitionCount?: number
  /** It was added after the group had begun with the others, so all of its records are the group's to process. */
  isAdded?: boolean
}

/**
 * Looks how many partitions the input has, before anything is committed.
 *
 *     growth     ---------------X------------------------
 *     a key               p p p   q q q                       its window in p is closed without what went to q ...
 *     detector    judge ..............] look: grown           ... and nothing of that is committed: begin anew at the last commit, knowing it
 *
 * A window can lack readings only when the topic had grown before it was closed. So a look that begins after it was closed, and finds as
 * many partitions as ever, proves that it lacks none.
 */
export class GrowthWatch {
  readonly #read: () => Promise<number | undefined>
  readonly #topic: string
  #current: Promise<number | undefined> | undefined
  #next: Promise<number | undefined> | undefined

  constructor(admin: Pick<TopicAdmin, 'readPartitionCount'>, topic: string) {
    this.#read = () => admin.readPartitionCount(topic)
    this.#topic = topic
  }

  /**
   * @param known with how many partitions the work was begun; undefined: any number will do.
   * @throws TopicGrown where there are more now. What Kafka throws, where it cannot be asked.
   */
  async check(known: number | undefined): Promise<void> {
    if (known === undefined) return
    const count = await this.#look()
    if (count === undefined || count <= known) return
    throw new TopicGrown(`Topic ${this.#topic} has ${count} partitions now and had ${known}: keys may have moved in the middle of their windows. What was not committed is processed again, and such windows are not judged`)
  }

  /** One look for all who wait; one that has begun before may have been answered before. */
  #look(): Promise<number | undefined> {
    this.#next ??= (this.#current ?? Promise.resolve()).then(ignore, ignore).then(() => {
      const look = this.#read()
      this.#current = look
      this.#next = undefined
      return look
    })
    return this.#next
  }
}

const ignore = (): void => {}

/** Tells of each assigned partition what its topic looks like. A partition beyond those that a commit of the group has known was added since. */
export function describeAssigned(assigned: readonly AssignedPartition[], partitionCount: number, committed: ReadonlyMap<number, CommittedPosition>): AssignedOfTopic[] {
  const known = Math.max(0, ...[...committed.values()].map(({ metadata }) => parseRestorePoint(metadata)?.partitions ?? 0))
  return assigned.map((one) => ({ ...one, partitionCount, isAdded: known > 0 && one.partition >= known && !committed.has(one.partition) }))
}

/**
 * Raises the topic of checkpoints to as many partitions as the input has.
 *
 * @throws TopicMissing where we may not; then somebody else has to.
 */
export async function raiseStatePartitions(admin: Pick<TopicAdmin, 'readPartitionCount' | 'ensureTopics'>, topic: string, partitions: number, log: Logger): Promise<void> {
  const there = await admin.readPartitionCount(topic)
  if (there === undefined || there >= partitions) return
  try {
    await admin.ensureTopics([{ name: topic, partitions }])
    log.info({ topic, partitions, before: there }, 'Raised the topic of checkpoints to the partitions of the input')
  } catch (error) {
    // Another detector may have done it at the same time.
    if (((await admin.readPartitionCount(topic)) ?? 0) >= partitions) return
    throw new TopicMissing(`Topic ${topic} for checkpoints has ${there} partitions, and the input has ${partitions}: raise it to as many (we may not: ${messageOf(error)})`, { cause: error })
  }
}
