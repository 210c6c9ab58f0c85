import { randomBytes } from 'node:crypto'
import { messageOf, type Clock } from '@tidewatch/kit'
import { keyOf, parseKey, resources, type Kube, type KubeObject, type ReadonlyStore, type Resource } from '@tidewatch/kube'
import { notReady, ready, writeStrimziStatus, type StrimziCondition } from './status.ts'

/** A user as Kafka should know it. */
export interface KafkaLogin {
  username: string
  password: string
  /** The rules of the KafkaUser as they stand there. */
  acls: readonly unknown[]
}

interface UserOperatorPorts {
  kube: Kube
  resource: Resource
  store: ReadonlyStore
  clock: Clock
  /** True where the Kafka resource has `authorization.type: simple`. */
  supportsAcls: () => Promise<boolean>
  setUser: (login: KafkaLogin) => Promise<void>
  removeUser: (username: string) => Promise<void>
}

const longestName = 64

/** The reconcile of one KafkaUser with `scram-sha-512`; certificates are not issued here. */
export function createUserReconcile({ kube, resource, store, clock, supportsAcls, setUser, removeUser }: UserOperatorPorts): (key: string) => Promise<Record<string, never>> {
  return async (key) => {
    const name = parseKey(key)
    const user = store.get(keyOf(name))
    if (user === undefined) {
      // Its Secret goes with it, by the owner reference.
      await removeUser(name.name)
      return {}
    }
    if (user.metadata.deletionTimestamp !== undefined) return {}
    const condition = (await findRefusal(user)) ?? (await bringAbout(user))
    const told = condition.status === 'True' ? { username: user.metadata.name, secret: user.metadata.name } : {}
    await writeStrimziStatus({ kube, resource, object: user, status: { conditions: [condition], ...told }, fieldManager: 'strimzi-user-operator', nowMs: clock.now() })
    return {}
  }

  async function findRefusal(user: KubeObject): Promise<StrimziCondition | undefined> {
    const { authentication, authorization } = specOf(user)
    const refuse = (message: string) => notReady('InvalidResourceException', message)
    if (user.metadata.name.length > longestName) return refuse(`Users can have a username (name of the KafkaUser custom resource) only up to ${longestName} characters long.`)
    if (authentication?.type !== 'scram-sha-512') return refuse(`This stand-in for the User Operator makes users of scram-sha-512 only, not of ${authentication?.type ?? 'no authentication'}`)
    if (authorization?.type === 'simple' && !(await supportsAcls())) return refuse('Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration.')
    return undefined
  }

  async function bringAbout(user: KubeObject): Promise<StrimziCondition> {
    const { name: username, namespace } = user.metadata
    try {
      // A password that is there stays: pods hold it.
      const known = (await kube.read(resources.secrets, { name: username, namespace }))?.data as { password?: string } | undefined
      const password = known?.password === undefined ? makePassword() : Buffer.from(known.password, 'base64').toString()
      await kube.apply(resources.secrets, buildSecret(user, password), { fieldManager: 'strimzi-user-operator', force: true })
      await setUser({ username, password, acls: specOf(user).authorization?.acls ?? [] })
      return ready
    } catch (error) {
      return notReady('KafkaError', messageOf(error))
    }
  }
}

const specOf = (user: KubeObject) => (user.spec ?? {}) as { authentication?: { type?: string }; authorization?: { type?: string; acls?: unknown[] } }

/** 32 letters and digits, as Strimzi's. */
const makePassword = (): string => randomBytes(64).toString('base64').replace(/[^A-Za-z0-9]/g, '').slice(0, 32)

function buildSecret({ apiVersion, kind, metadata }: KubeObject, password: string): KubeObject {
  const { name, namespace, uid = '', labels = {} } = metadata
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const operator = 'strimzi-user-operator'
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        'strimzi.io/cluster': labels['strimzi.io/cluster'] ?? '',
        'strimzi.io/kind': 'KafkaUser',
        'app.kubernetes.io/name': operator,
        'app.kubernetes.io/instance': name,
        'app.kubernetes.io/part-of': `strimzi-${name}`,
        'app.kubernetes.io/managed-by': operator,
      },
      ownerReferences: [{ apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false }],
    },
    type: 'Opaque',
    data: { password: encode(password), 'sasl.jaas.config': encode(`org.apache.kafka.common.security.scram.ScramLoginModule required username="${name}" password="${password}";`) },
  }
}
