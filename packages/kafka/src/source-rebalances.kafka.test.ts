import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@tidewatch/kit'
import { afterEach, expect, test } from 'vitest'
import { createTopicAdmin } from './admin.ts'
import { testBroker, testConnection, uniqueName } from './testing/test-broker.ts'

const partitions = 12
const log = createLogger({ name: 'test', level: 'fatal' })

/** A member as a process of its own; it tells of each generation that it joins. */
class Member {
  readonly joined: { generation: number; partitions: number[] }[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  constructor(topic: string, instanceId = '', sessionTimeoutMs = 6_000) {
    const script = fileURLToPath(import.meta.resolve('./testing/member.ts'))
    this.#child = spawn(process.execPath, [script, testBroker(), topic, topic, instanceId, String(sessionTimeoutMs)], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
    let rest = ''
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const said = JSON.parse(line) as { msg: string; generation: number; partitions: number[] }
        if (said.msg === 'Joined the group') this.joined.push({ generation: said.generation, partitions: said.partitions })
      }
    })
  }

  get last(): { generation: number; partitions: number[] } | undefined {
    return this.joined.at(-1)
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    this.#child.kill(name)
    await this.#exited
  }
}

class Group {
  readonly members: Member[] = []
  readonly topic: string

  constructor(topic: string) {
    this.topic = topic
  }

  add(count: number, instanceId?: string, sessionTimeoutMs?: number): void {
    for (let i = 0; i < count; i++) this.members.push(new Member(this.topic, instanceId, sessionTimeoutMs))
  }

  async remove(count: number, signal: NodeJS.Signals): Promise<void> {
    await Promise.all(this.members.splice(1, count).map((one) => one.signal(signal)))
  }

  /** Changes the members and waits until all partitions are held again, by members of one generation. */
  async change(act: () => void | Promise<void>): Promise<{ generations: number; moved: number; sizes: number[] }> {
    const before = this.members.map((one) => ({ one, partitions: one.last?.partitions ?? [] }))
    const generation = Math.max(0, ...this.members.map(({ last }) => last?.generation ?? 0))
    await act()
    const stayed = before.filter(({ one }) => this.members.includes(one))
    const isSettled = () => {
      const all = this.members.flatMap(({ last }) => last?.partitions ?? [])
      const generations = new Set(this.members.map(({ last }) => last?.generation))
      return generations.size === 1 && all.length === partitions && new Set(all).size === partitions && !generations.has(undefined)
    }
    const deadlineMs = Date.now() + 60_000
    // Twice, a while apart: a rebalance more may be on its way.
    for (let settled = 0; settled < 2; settled = isSettled() ? settled + 1 : 0) {
      if (Date.now() > deadlineMs) throw new Error(`the group did not settle: ${JSON.stringify(this.members.map(({ last }) => last))}`)
      await new Promise((resolve) => setTimeout(resolve, 700))
    }
    const lost = stayed.map(({ one, partitions: held }) => held.filter((partition) => !one.last!.partitions.includes(partition)).length)
    const orphans = partitions - stayed.reduce((sum, { partitions: held }) => sum + held.length, 0)
    return {
      generations: this.members[0]!.last!.generation - generation,
      moved: lost.reduce((sum, count) => sum + count, orphans),
      sizes: this.members.map(({ last }) => last!.partitions.length).sort(),
    }
  }
}

const groups: Group[] = []

async function aGroup(): Promise<Group> {
  const topic = uniqueName('rebalances')
  const admin = createTopicAdmin({ connection: testConnection(), log })
  await admin.ensureTopics([{ name: topic, partitions }])
  await admin.close()
  const group = new Group(topic)
  groups.push(group)
  return group
}

afterEach(async () => {
  await Promise.all(groups.splice(0).flatMap(({ members }) => members.map((one) => one.signal('SIGKILL'))))
})

test('each change of members is at most two rebalances, and no partition moves that need not', async () => {
  const group = await aGroup()
  await group.change(() => group.add(1))
  const seen = []
  for (const [what, act, minimum] of [
    ['1 -> 2', () => group.add(1), 6],
    ['2 -> 3', () => group.add(1), 4],
    ['3 -> 2 by SIGTERM', () => group.remove(1, 'SIGTERM'), 4],
    ['2 -> 1 by kill -9', () => group.remove(1, 'SIGKILL'), 6],
  ] as const) {
    const { generations, moved, sizes } = await group.change(act)
    expect(generations, what).toBeLessThanOrEqual(2)
    seen.push([what, moved - minimum, sizes])
  }
  expect(seen).toEqual([
    ['1 -> 2', 0, [6, 6]],
    ['2 -> 3', 0, [4, 4, 4]],
    ['3 -> 2 by SIGTERM', 0, [6, 6]],
    ['2 -> 1 by kill -9', 0, [partitions]],
  ])
})

test('eight members where one was, and three again: at most two rebalances for each that comes or goes', async () => {
  const group = await aGroup()
  await group.change(() => group.add(1))
  const up = await group.change(() => group.add(7))
  expect(up.generations).toBeLessThanOrEqual(14)
  expect(up.sizes).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
  const down = await group.change(() => group.remove(5, 'SIGTERM'))
  expect(down.generations).toBeLessThanOrEqual(10)
  expect(down.sizes).toEqual([4, 4, 4])
})

test('a member with a name of its own that is asked to end leaves, and is not waited for', async () => {
  const group = await aGroup()
  // Were it waited for, nobody would be given its partitions within the time that a change may take here.
  const sessionTimeoutMs = 300_000
  await group.change(() => group.add(1, 'pod-0', sessionTimeoutMs))
  await group.change(() => group.add(1, 'pod-1', sessionTimeoutMs))
  const { generations, sizes } = await group.change(() => group.remove(1, 'SIGTERM'))
  expect({ generations, sizes }).toEqual({ generations: 1, sizes: [partitions] })
})

test('a killed member that comes back under its own name is given what it had, and the others do not notice', async () => {
  const group = await aGroup()
  await group.change(() => group.add(1))
  await group.change(() => group.add(1, 'pod-1'))
  const [stayed, killed] = group.members
  const held = [stayed!.last, killed!.last]
  const { generations } = await group.change(async () => {
    await group.remove(1, 'SIGKILL')
    group.add(1, 'pod-1')
  })
  expect(generations).toBe(0)
  expect(group.members.map(({ last }) => last)).toEqual(held)
  expect(stayed!.joined).toHaveLength(2)
  // One that ends in order does not keep its place: the other need not wait for its session to end.
  const { sizes } = await group.change(() => group.remove(1, 'SIGTERM'))
  expect(sizes).toEqual([partitions])
})
