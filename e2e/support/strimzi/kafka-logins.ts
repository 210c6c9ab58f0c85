import { kafkaTool } from '@tidewatch/kafka/testing'
import type { KafkaLogin } from './user-operator.ts'

/** An ACL rule of a KafkaUser. */
interface AclRule {
  resource: { type: 'topic' | 'group' | 'transactionalId' | 'cluster'; name?: string; patternType?: 'literal' | 'prefix' }
  operations: string[]
  host?: string
}

interface Told {
  password: string
  /** One entry for each rule: the arguments of Kafka's tool, as JSON. */
  rules: ReadonlySet<string>
}

const flagOf = { topic: '--topic', group: '--group', transactionalId: '--transactional-id' } as const

/**
 * Tells a real Kafka of SCRAM users and of what they may do, with Kafka's own tools: `setUser` and `removeUser` of the stand-in.
 * Each run of a tool is a JVM, so nothing is told twice; what somebody else changes in Kafka stays changed.
 *
 * @param brokers of a listener whose user may do anything.
 */
export function createKafkaLogins(brokers: string): { setUser: (login: KafkaLogin) => Promise<void>; removeUser: (username: string) => Promise<void> } {
  const toldByUser = new Map<string, Told>()

  async function run(tool: string, args: readonly string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await kafkaTool(tool, ['--bootstrap-server', brokers, ...args])
    if (exitCode !== 0) throw new Error(`${tool} ${args.join(' ')} failed: ${stdout}${stderr}`)
  }
  const alter = (username: string, change: string[]) => run('kafka.admin.ConfigCommand', ['--alter', '--entity-type', 'users', '--entity-name', username, ...change])
  const changeRule = (username: string, change: string[], rule: string) =>
    run('org.apache.kafka.tools.AclCommand', [...change, '--allow-principal', `User:${username}`, ...(JSON.parse(rule) as string[])])

  return {
    async setUser({ username, password, acls }) {
      const told = toldByUser.get(username)
      const rules = new Set(acls.map((rule) => JSON.stringify(buildArguments(rule as AclRule))))
      if (told?.password !== password) await alter(username, ['--add-config', `SCRAM-SHA-512=[password=${password}]`])
      for (const rule of told?.rules ?? []) if (!rules.has(rule)) await changeRule(username, ['--remove', '--force'], rule)
      for (const rule of rules) if (told?.rules.has(rule) !== true) await changeRule(username, ['--add'], rule)
      toldByUser.set(username, { password, rules })
    },
    async removeUser(username) {
      const told = toldByUser.get(username)
      if (told === undefined) return
      for (const rule of told.rules) await changeRule(username, ['--remove', '--force'], rule)
      await alter(username, ['--delete-config', 'SCRAM-SHA-512'])
      toldByUser.delete(username)
    },
  }
}

function buildArguments({ resource, operations, host = '*' }: AclRule): string[] {
  const { type, name = '', patternType = 'literal' } = resource
  const on = type === 'cluster' ? ['--cluster'] : [flagOf[type], name, '--resource-pattern-type', patternType === 'prefix' ? 'prefixed' : 'literal']
  return [...on, '--allow-host', host, ...operations.flatMap((operation) => ['--operation', operation])]
}
