import { atVersion, apiVersionOf, resources, type Kube, type KubeObject } from '@tidewatch/kube'

export interface StrimziListener {
  name: string
  port: number
  tls?: boolean
  authentication?: 'scram-sha-512' | 'tls'
  /** `host:port`, as the status reports it. */
  bootstrapServers: string
}

export interface StrimziKafkaOptions {
  name: string
  namespace: string
  /** Of kafka.strimzi.io. */
  version: string
  listeners: readonly StrimziListener[]
  authorization?: 'simple'
}

/** A Kafka resource as it is when Strimzi has its cluster running: with its listeners' addresses in the status. */
export function aStrimziKafka({ name, namespace, version, listeners, authorization }: StrimziKafkaOptions): KubeObject {
  return {
    apiVersion: apiVersionOf(atVersion(resources.kafkas, version)),
    kind: 'Kafka',
    metadata: { name, namespace },
    spec: {
      kafka: {
        listeners: listeners.map((listener) => ({
          name: listener.name,
          port: listener.port,
          type: 'internal',
          tls: listener.tls ?? false,
          ...(listener.authentication === undefined ? {} : { authentication: { type: listener.authentication } }),
        })),
        ...(authorization === undefined ? {} : { authorization: { type: authorization } }),
      },
      entityOperator: { topicOperator: {}, userOperator: {} },
    },
    status: {
      listeners: listeners.map(({ name: listener, bootstrapServers }) => ({ name: listener, bootstrapServers, addresses: bootstrapServers.split(',').map(parseAddress) })),
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      observedGeneration: 1,
    },
  }
}

/** Writes a Kafka resource and its status, as its user and Strimzi's Cluster Operator would. */
export async function applyStrimziKafka(kube: Kube, kafka: KubeObject): Promise<void> {
  const { status, ...asked } = kafka
  const resource = atVersion(resources.kafkas, kafka.apiVersion.split('/')[1] ?? '')
  await kube.apply(resource, asked, { fieldManager: 'test', force: true })
  const { apiVersion, kind, metadata } = kafka
  await kube.applyStatus(resource, { apiVersion, kind, metadata, status }, { fieldManager: 'strimzi-cluster-operator', force: true })
}

function parseAddress(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':')
  return { host, port: Number(port) }
}
