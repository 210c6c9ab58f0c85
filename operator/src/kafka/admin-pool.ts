import { assertReachable, createTopicAdmin, type KafkaConnection, type TopicAdmin } from '@tidewatch/kafka'
import type { Clock, Logger } from '@tidewatch/kit'
import type { Kube } from '@tidewatch/kube'
import { canonicalJson, hashOf } from '../shared/hash.ts'
import type { ResolvedConnection } from './connection.ts'
import { materialise, type MaterialisedConnection } from './credential-files.ts'
import { readCredentials } from './read-secrets.ts'

/** A connection and the namespace that its Secrets lie in. */
export interface KafkaTarget {
  namespace: string
  connection: ResolvedConnection
}

export type CreateAdmin = (options: { connection: KafkaConnection; log: Logger }) => TopicAdmin | Promise<TopicAdmin>

/** Asks for a sign of life first: that tells a wrong address or password in seconds and in one sentence. */
export const connectAdmin: CreateAdmin = async (options) => {
  await assertReachable(options.connection, reachTimeoutMs)
  return createTopicAdmin(options)
}

const reachTimeoutMs = 5_000

/** After so long the Secrets are read again, to take up rotated ones. */
const secretsFreshMs = 60_000

/** A connection that nobody has used for so long is closed. */
const idleMs = 120_000

interface Entry {
  admin: TopicAdmin
  files: MaterialisedConnection
  credentialsHash: string
  checkedAtMs: number
  usedAtMs: number
  users: number
  /** Nobody new gets it; whoever asks last closes it. */
  isRetired: boolean
}

/**
 * Admin connections to all the Kafka clusters that pipelines and fleets name: one for each set of credentials, opened at
 * the first question, closed after two minutes without one.
 *
 *  - assumes: few clusters; a question takes seconds at most.
 *  - fails when: a Secret is missing, no broker answers, the password is wrong: the error says which. Nothing of it is
 *    kept, so the next question starts afresh.
 *  - cost: one socket to each broker for each set of credentials.
 *  - guarantees: credentials are held in files of mode 0600 that are removed with the connection; none is logged.
 */
export class AdminPool {
  readonly #kube: Kube
  readonly #clock: Clock
  readonly #log: Logger
  readonly #createAdmin: CreateAdmin
  readonly #entries = new Map<string, Promise<Entry>>()
  #isClosed = false

  constructor({ kube, clock, log, createAdmin = connectAdmin }: { kube: Kube; clock: Clock; log: Logger; createAdmin?: CreateAdmin | undefined }) {
    this.#kube = kube
    this.#clock = clock
    this.#log = log
    this.#createAdmin = createAdmin
  }

  /**
   * Asks one question.
   *
   * @throws SecretMissing, SecretKeyMissing, KafkaUnreachable, AccessDenied and what the question throws
   */
  async use<Answer>(target: KafkaTarget, question: (admin: TopicAdmin) => Promise<Answer>): Promise<Answer> {
    const key = canonicalJson(target)
    const entry = await this.#open(key, target)
    entry.users++
    try {
      return await question(entry.admin)
    } catch (error) {
      // Whatever went wrong, the next one begins with fresh Secrets and a fresh connection.
      if (isConnectionTrouble(error)) this.#retire(key, entry)
      throw error
    } finally {
      entry.users--
      entry.usedAtMs = this.#clock.now()
      if (entry.isRetired && entry.users === 0) await this.#shut(entry)
    }
  }

  /** Closes what has been idle; call it from time to time. */
  async closeIdle(): Promise<void> {
    const nowMs = this.#clock.now()
    for (const [key, pending] of this.#entries) {
      const entry = await pending.catch(() => undefined)
      if (entry !== undefined && entry.users === 0 && nowMs - entry.usedAtMs >= idleMs) await this.#drop(key)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const key of [...this.#entries.keys()]) await this.#drop(key)
  }

  async #open(key: string, target: KafkaTarget): Promise<Entry> {
    if (this.#isClosed) throw new Error('the operator is stopping: no more questions are asked of Kafka')
    const known = this.#entries.get(key)
    if (known === undefined) return this.#connect(key, target)
    const entry = await known
    const nowMs = this.#clock.now()
    if (nowMs - entry.checkedAtMs < secretsFreshMs) return entry
    entry.checkedAtMs = nowMs
    const credentials = await readCredentials(this.#kube, target.namespace, target.connection)
    if (hashOf([...credentials]) === entry.credentialsHash) return entry
    if (this.#retire(key, entry)) await this.#shut(entry)
    return this.#entries.get(key) ?? this.#connect(key, target)
  }

  #connect(key: string, { namespace, connection }: KafkaTarget): Promise<Entry> {
    const opening = (async (): Promise<Entry> => {
      const credentials = await readCredentials(this.#kube, namespace, connection)
      const files = materialise(connection, credentials, 'tidewatch-operator')
      try {
        const admin = await this.#createAdmin({ connection: files.connection, log: this.#log })
        const nowMs = this.#clock.now()
        return { admin, files, credentialsHash: hashOf([...credentials]), checkedAtMs: nowMs, usedAtMs: nowMs, users: 0, isRetired: false }
      } catch (error) {
        files.remove()
        throw error
      }
    })()
    this.#entries.set(key, opening)
    opening.catch(() => {
      if (this.#entries.get(key) === opening) this.#entries.delete(key)
    })
    return opening
  }

  async #drop(key: string): Promise<void> {
    const entry = await this.#entries.get(key)?.catch(() => undefined)
    this.#entries.delete(key)
    if (entry !== undefined) await this.#shut(entry)
  }

  /** Takes it out of the way of new questions, without breaking those under way. @returns whether nobody uses it */
  #retire(key: string, entry: Entry): boolean {
    if (!entry.isRetired) this.#entries.delete(key)
    entry.isRetired = true
    return entry.users === 0
  }

  async #shut(entry: Entry): Promise<void> {
    entry.files.remove()
    await entry.admin.close().catch((err: unknown) => this.#log.debug({ err }, 'Closed a Kafka connection that was broken'))
  }
}

function isConnectionTrouble(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'KAFKA_UNREACHABLE' || code === 'KAFKA_ACCESS_DENIED' || code === 'KAFKA_FAILED'
}
