import type { Assigner, PartitionAssigner } from 'kafkajs'
import * as z from 'zod'
import { AssignerProtocol } from './library/kafkajs.ts'
import type { GroupProtocol } from './library/join-group.ts'
import { planAssignment, type Claim } from './source-assignment.ts'

/** The name of the protocol in the group; all members of a group must have one in common. */
const name = 'tidewatch-sticky'
/** Kafka's own version of what metadata and assignments look like. */
const version = 0

const claimed = z.object({ generation: z.int().min(0), partitions: z.array(z.int().min(0)) })

/** One consumer's place in its group: what it was given last, which it asks to keep at the next rebalance. */
export class Membership {
  readonly #instanceId: string | undefined
  #joined = -1
  #claim: Claim | undefined

  /** @param instanceId the name of a static member (`group.instance.id`); undefined for one that is new with each process. */
  constructor(instanceId: string | undefined) {
    this.#instanceId = instanceId
  }

  /** The generation that was joined last; -1 before the first. */
  get generation(): number {
    return this.#joined
  }

  /** To be told of what was given with the generation that was joined last. */
  take(partitions: readonly number[]): void {
    this.#claim = { generation: this.#joined, partitions }
  }

  /** How this member takes part in assignments, and makes them where it is the group's leader: `planAssignment`. */
  readonly assigner: PartitionAssigner = ({ cluster }): Assigner => ({
    name,
    version,
    protocol: ({ topics }): GroupProtocol => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: encodeClaim(this.#claim) }),
      groupInstanceId: this.#instanceId,
      onGeneration: (generation) => (this.#joined = generation),
    }),
    assign: async ({ members, topics }) => {
      const given = new Map<string, Record<string, number[]>>(members.map(({ memberId }) => [memberId, {}]))
      for (const topic of topics) {
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
        const claims = members.map(({ memberId, memberMetadata }) => ({ id: memberId, claim: decodeClaim(memberMetadata) }))
        for (const [id, mine] of planAssignment(partitions, claims)) if (mine.length > 0) given.get(id)![topic] = mine
      }
      return [...given].map(([memberId, assignment]) => ({ memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) }) }))
    },
  })
}

function encodeClaim(claim: Claim | undefined): Buffer {
  return Buffer.from(claim === undefined ? '' : JSON.stringify(claim))
}

/** Undefined for a member that is new; one whose claim cannot be read has none: it only loses what it might have kept. */
function decodeClaim(metadata: Buffer): Claim | undefined {
  const text = AssignerProtocol.MemberMetadata.decode(metadata)?.userData?.toString() ?? ''
  try {
    return claimed.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
