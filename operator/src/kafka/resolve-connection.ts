import type { DetectionPipeline, Reason } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import type { Authentication, ResolvedConnection, SecretKey } from './connection.ts'

type KafkaSpec = DetectionPipeline['spec']['kafka']

/** How a KafkaUser has to log in, by the listener it uses. */
export type UserAuthentication = 'scram-sha-512' | 'tls'

/** What stands in the way, for a condition and an event. */
export interface Obstacle {
  reason: Reason
  message: string
}

export type ConnectionResult =
  | {
      ok: true
      connection: ResolvedConnection
      /** The KafkaUser that has to be there for it; undefined where the manifest brings its own credentials or none are needed. */
      user: { name: string; authentication: UserAuthentication; withAcls: boolean } | undefined
    }
  | { ok: false; obstacle: Obstacle }

export interface ConnectionSurroundings {
  /** Whether the cluster serves kafka.strimzi.io at all. */
  hasStrimzi: boolean
  /** The Kafka resource that `clusterRef` names, where there is one. */
  cluster: KubeObject | undefined
  /** The name that a KafkaUser of ours, and with it its Secret, has. */
  userName: string
}

/** Decides where Kafka is and how to log in: from the manifest alone, or from the listeners that Strimzi reports. */
export function resolveConnection(kafka: KafkaSpec, surroundings: ConnectionSurroundings): ConnectionResult {
  const authorities = kafka.tls?.trustedCertificates ?? []
  if (kafka.clusterRef === undefined) {
    const brokers = (kafka.bootstrapServers ?? '').split(',').map((one) => one.trim())
    const needsTls = kafka.tls !== undefined || kafka.authentication?.tls !== undefined
    return { ok: true, connection: { brokers, tls: needsTls ? { authorities } : undefined, authentication: explicitAuthentication(kafka) }, user: undefined }
  }
  return resolveCluster(kafka, kafka.clusterRef.name, authorities, surroundings)
}

function resolveCluster(kafka: KafkaSpec, clusterName: string, authorities: SecretKey[], { hasStrimzi, cluster, userName }: ConnectionSurroundings): ConnectionResult {
  if (!hasStrimzi) {
    return stop('StrimziMissing', `spec.kafka.clusterRef names the Strimzi cluster ${clusterName}, and this cluster does not serve kafka.strimzi.io: install Strimzi, or write spec.kafka.bootstrapServers instead`)
  }
  if (cluster === undefined) return stop('KafkaClusterMissing', `There is no Kafka resource ${clusterName} in this namespace: create it, or correct spec.kafka.clusterRef.name`)
  const view = readCluster(cluster)
  if (view.reported.length === 0) {
    return stop('KafkaClusterNotReady', `The Kafka resource ${clusterName} has not reported any listener yet: look at its status; this goes on by itself when it is ready`)
  }
  const listener = chooseListener(kafka, view)
  if (listener === undefined) {
    const offered = view.listeners.map(({ name, tls, authentication }) => `${name} (${tls ? 'TLS' : 'plaintext'}, authentication ${authentication ?? 'none'})`).join(', ')
    return stop('ListenerMissing', `No listener of the Kafka resource ${clusterName} fits spec.kafka (${askedFor(kafka)}); it offers ${offered}: add a listener, or change spec.kafka.tls or spec.kafka.authentication`)
  }
  const own = explicitAuthentication(kafka)
  const needsUser = own === undefined && listener.authentication !== undefined
  const authentication = needsUser ? userAuthentication(userName, listener.authentication as UserAuthentication) : own
  return {
    ok: true,
    connection: {
      brokers: listener.bootstrapServers.split(',').map((one) => one.trim()),
      tls: listener.tls ? { authorities: [{ name: `${clusterName}-cluster-ca-cert`, key: 'ca.crt' }, ...authorities] } : undefined,
      authentication,
    },
    user: needsUser ? { name: userName, authentication: listener.authentication as UserAuthentication, withAcls: view.hasSimpleAuthorization } : undefined,
  }
}

interface Listener {
  name: string
  type: string
  tls: boolean
  authentication: string | undefined
  bootstrapServers: string
}

function readCluster(cluster: KubeObject): { listeners: Omit<Listener, 'bootstrapServers'>[]; reported: Listener[]; hasSimpleAuthorization: boolean } {
  const { spec, status } = cluster as {
    spec?: { kafka?: { listeners?: { name?: string; type?: string; tls?: boolean; authentication?: { type?: string } }[]; authorization?: { type?: string } } }
    status?: { listeners?: { name?: string; bootstrapServers?: string }[] }
  }
  const listeners = (spec?.kafka?.listeners ?? []).map(({ name = '', type = 'internal', tls = false, authentication }) => ({ name, type, tls, authentication: authentication?.type }))
  const reported = listeners.flatMap((listener) => {
    const bootstrapServers = status?.listeners?.find(({ name }) => name === listener.name)?.bootstrapServers
    return bootstrapServers === undefined ? [] : [{ ...listener, bootstrapServers }]
  })
  return { listeners, reported, hasSimpleAuthorization: spec?.kafka?.authorization?.type === 'simple' }
}

/** Inside of the cluster before outside; and without a word about TLS, plaintext before TLS, as a plain client would have it. */
function chooseListener(kafka: KafkaSpec, { reported }: { reported: Listener[] }): Listener | undefined {
  const fitting = reported.filter((listener) => (kafka.tls === undefined || listener.tls) && fitsAuthentication(kafka, listener.authentication))
  const cost = ({ type, tls }: Listener) => (type === 'internal' ? 0 : type === 'cluster-ip' ? 1 : 2) + (tls && kafka.tls === undefined ? 4 : 0)
  return fitting.sort((a, b) => cost(a) - cost(b))[0]
}

function fitsAuthentication({ authentication }: KafkaSpec, offered: string | undefined): boolean {
  if (authentication === undefined) return offered === undefined || offered === 'scram-sha-512' || offered === 'tls'
  if (authentication.scramSha512 !== undefined) return offered === 'scram-sha-512'
  if (authentication.tls !== undefined) return offered === 'tls'
  // Strimzi has no type for PLAIN: such a listener is one of its custom ones.
  return offered === 'custom'
}

function askedFor({ tls, authentication }: KafkaSpec): string {
  const how = authentication === undefined ? 'none, scram-sha-512 or tls' : Object.keys(authentication)[0]
  return `${tls === undefined ? 'plaintext or TLS' : 'TLS'}, authentication ${how}`
}

function explicitAuthentication({ authentication }: KafkaSpec): Authentication | undefined {
  const { scramSha512, plain, tls } = authentication ?? {}
  if (scramSha512 !== undefined) return { kind: 'scramSha512', username: scramSha512.username, password: scramSha512.passwordSecret }
  if (plain !== undefined) return { kind: 'plain', username: plain.username, password: plain.passwordSecret }
  if (tls !== undefined) return { kind: 'tls', certificate: tls.certificateSecret, key: tls.keySecret }
  return undefined
}

/** Strimzi's User Operator puts the credentials into a Secret of the user's name. */
function userAuthentication(name: string, how: UserAuthentication): Authentication {
  if (how === 'scram-sha-512') return { kind: 'scramSha512', username: name, password: { name, key: 'password' } }
  return { kind: 'tls', certificate: { name, key: 'user.crt' }, key: { name, key: 'user.key' } }
}

const stop = (reason: Reason, message: string): ConnectionResult => ({ ok: false, obstacle: { reason, message } })

/** Who creates topics, with the default in. */
export function topicManagementOf(kafka: KafkaSpec): 'Strimzi' | 'Direct' | 'None' {
  return kafka.topicManagement ?? (kafka.clusterRef === undefined ? 'Direct' : 'Strimzi')
}
