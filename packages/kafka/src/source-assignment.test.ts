import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planAssignment, type GroupMember } from './source-assignment.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const plan = (partitions: number, members: GroupMember[]) => Object.fromEntries(planAssignment(upTo(partitions), members))
const holding = (id: string, partitions: number[], generation = 7): GroupMember => ({ id, claim: { generation, partitions } })

describe('who gets which partitions', () => {
  test.each<[string, number, GroupMember[], Record<string, number[]>]>([
    ['the first members share them', 4, [{ id: 'b' }, { id: 'a' }], { a: [0, 1], b: [2, 3] }],
    ['a second member takes half, and no more', 4, [holding('a', [0, 1, 2, 3]), { id: 'b' }], { a: [0, 1], b: [2, 3] }],
    ['a third takes what is over from both', 8, [holding('a', [0, 1, 2, 3]), holding('b', [4, 5, 6, 7]), { id: 'c' }], { a: [0, 1, 2], b: [4, 5, 6], c: [3, 7] }],
    ['what a member has left behind is shared', 6, [holding('a', [0, 1]), holding('c', [4, 5])], { a: [0, 1, 2], c: [3, 4, 5] }],
    ['where all is even, nothing moves', 3, [holding('a', [2]), holding('b', [0, 1])], { a: [2], b: [0, 1] }],
    ['members beyond the partitions have none', 2, [holding('a', [0]), holding('b', [1]), { id: 'c' }], { a: [0], b: [1], c: [] }],
    ['new partitions are shared', 4, [holding('a', [0]), holding('b', [1])], { a: [0, 2], b: [1, 3] }],
    ['partitions that are gone are forgotten', 2, [holding('a', [0, 5]), holding('b', [1, 6])], { a: [0], b: [1] }],
    ['of two claims the later generation is right', 2, [holding('a', [0, 1], 3), holding('b', [1], 4)], { a: [0], b: [1] }],
  ])('%s', (_, partitions, members, expected) => {
    expect(plan(partitions, members)).toEqual(expected)
  })

  test('nobody is there: nothing is given', () => {
    expect(plan(3, [])).toEqual({})
  })
})

/** Some partitions, and members of which each claims some of them (and some that do not exist) since one of three generations. */
const groups = fc.integer({ min: 0, max: 40 }).chain((partitions) =>
  fc.record({
    partitions: fc.constant(partitions),
    members: fc.array(
      fc.option(fc.record({ generation: fc.nat({ max: 2 }), partitions: fc.array(fc.nat({ max: partitions + 3 })) }), { nil: undefined }),
      { minLength: 1, maxLength: 9 },
    ),
  }),
)

describe('for any group', () => {
  const named = (claims: (GroupMember['claim'] | undefined)[]) => claims.map((claim, i): GroupMember => ({ id: `m${i}`, claim }))

  test('each partition is given once, and no member has two more than another', () => {
    fc.assert(
      fc.property(groups, ({ partitions, members }) => {
        const given = [...planAssignment(upTo(partitions), named(members)).values()]
        expect(given.flat().sort((a, b) => a - b)).toEqual(upTo(partitions))
        const sizes = given.map(({ length }) => length)
        expect(given).toHaveLength(members.length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('the order in which members and partitions are told makes no difference', () => {
    fc.assert(
      fc.property(groups, ({ partitions, members }) => {
        const forwards = planAssignment(upTo(partitions), named(members))
        const backwards = planAssignment(upTo(partitions).reverse(), named(members).reverse())
        expect(Object.fromEntries(backwards)).toEqual(Object.fromEntries(forwards))
      }),
    )
  })

  test('a change of members moves as few partitions as an even share allows', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat({ max: 8 }), fc.nat({ max: 5 }), (partitions, before, leaving, coming) => {
        const held = planAssignment(upTo(partitions), upTo(before).map((i) => ({ id: `m${i}` })))
        const staying = [...held].slice(Math.min(leaving, before - 1)).map(([id, mine]) => holding(id, mine))
        const members = [...staying, ...upTo(coming).map((i): GroupMember => ({ id: `n${i}` }))]
        const after = planAssignment(upTo(partitions), members)
        const kept = staying.reduce((sum, { id, claim }) => sum + claim!.partitions.filter((one) => after.get(id)!.includes(one)).length, 0)
        const share = Math.floor(partitions / members.length)
        const over = partitions % members.length
        const most = staying.map(({ claim }) => claim!.partitions.length).sort((a, b) => b - a).reduce((sum, size, i) => sum + Math.min(size, share + (i < over ? 1 : 0)), 0)
        expect(kept).toBe(most)
      }),
    )
  })
})
