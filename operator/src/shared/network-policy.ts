import type { KubeObject, ObjectMeta } from '@tidewatch/kube'
import { buildSelector, type Component } from './labels.ts'
import { metricsPort } from './pod.ts'

export interface NetworkPolicyInput {
  metadata: ObjectMeta
  component: Component
  /** Name of the pipeline or fleet. */
  owner: string
  /** `host:port`, one or more. */
  brokers: readonly string[]
  /** Set where the brokers are those of a Strimzi cluster in the same namespace. */
  clusterName: string | undefined
}

/**
 * In: the metrics port alone. Out: DNS and the brokers. With Strimzi the brokers are its pods; elsewhere only their ports are
 * known, because a policy takes no host names and the brokers may announce other addresses than the first one.
 */
export function buildNetworkPolicy({ metadata, component, owner, brokers, clusterName }: NetworkPolicyInput): KubeObject {
  // A listener that leads out of the cluster (a load balancer, a node's port) does not end at a pod that a selector would find.
  const isInside = brokers.every((address) => /\.svc(\.|:)/.test(address))
  const ports = [...new Set(brokers.map((address) => Number(address.slice(address.lastIndexOf(':') + 1))))].sort((a, b) => a - b)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: buildSelector(component, owner) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: metricsPort.name, protocol: 'TCP' }] }],
      egress: [
        { ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] },
        {
          ...(clusterName === undefined || !isInside ? {} : { to: [{ podSelector: { matchLabels: { 'strimzi.io/cluster': clusterName } } }] }),
          ports: ports.map((port) => ({ port, protocol: 'TCP' })),
        },
      ],
    },
  }
}
