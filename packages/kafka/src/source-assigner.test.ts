import type { Cluster, GroupMember, Logger } from 'kafkajs'
import { expect, test } from 'vitest'
import { AssignerProtocol } from './library/kafkajs.ts'
import type { GroupProtocol } from './library/join-group.ts'
import { Membership } from './source-assigner.ts'

const { MemberMetadata, MemberAssignment } = AssignerProtocol

/** An assigner as kafkajs makes it, for a topic of so many partitions. */
function assignerOf(membership: Membership, partitions = 4) {
  const cluster = { findTopicPartitionMetadata: () => Array.from({ length: partitions }, (_, partitionId) => ({ partitionId })) }
  return membership.assigner({ cluster: cluster as unknown as Cluster, groupId: 'g', logger: {} as Logger })
}

/** Joins a generation and is given partitions. */
function aMember(memberId: string, given?: { generation: number; partitions: number[] }): GroupMember {
  const membership = new Membership(undefined)
  const assigner = assignerOf(membership)
  const say = () => assigner.protocol({ topics: ['t'] }) as GroupProtocol
  if (given !== undefined) {
    say().onGeneration?.(given.generation)
    membership.take(given.partitions)
  }
  return { memberId, memberMetadata: say().metadata }
}

async function assign(members: GroupMember[]): Promise<Record<string, number[] | undefined>> {
  const answers = await assignerOf(new Membership(undefined)).assign({ members, topics: ['t'] })
  return Object.fromEntries(answers.map(({ memberId, memberAssignment }) => [memberId, MemberAssignment.decode(memberAssignment)!.assignment['t']]))
}

test('what members say they hold they keep, and a new one gets its part', async () => {
  const held = { generation: 3, partitions: [0, 1, 2, 3] }
  expect(await assign([aMember('a'), aMember('b', held)])).toEqual({ a: [2, 3], b: [0, 1] })
})

test('one that was away while its partitions were given to another does not get them back', async () => {
  const members = [aMember('a', { generation: 3, partitions: [0, 1] }), aMember('b', { generation: 5, partitions: [0, 1] }), aMember('c', { generation: 5, partitions: [2, 3] })]
  expect(await assign(members)).toEqual({ a: [3], b: [0, 1], c: [2] })
})

test.each(['', 'no json', '{"generation":-1}', '{"generation":1,"partitions":["0"]}'])('a member whose claim is %j counts as new', async (text) => {
  const strange = { memberId: 'a', memberMetadata: MemberMetadata.encode({ version: 0, topics: ['t'], userData: Buffer.from(text) }) }
  expect(await assign([strange, aMember('b', { generation: 1, partitions: [0, 1] })])).toEqual({ a: [2, 3], b: [0, 1] })
})

test('a static member names itself, another does not; before the first join there is no generation', () => {
  const named = new Membership('pod-0')
  expect(named.generation).toBe(-1)
  expect(assignerOf(named).protocol({ topics: ['t'] })).toMatchObject({ name: 'tidewatch-sticky', groupInstanceId: 'pod-0' })
  expect(assignerOf(new Membership(undefined)).protocol({ topics: ['t'] })).toMatchObject({ groupInstanceId: undefined })
})
