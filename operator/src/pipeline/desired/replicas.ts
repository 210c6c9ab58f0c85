import type { KubeObject } from '@tidewatch/kube'

export interface ReplicasInput {
  /** The live Deployment. */
  deployment: KubeObject
  paused: boolean
  autoscaled: boolean
  minReplicas: number
}

/**
 * The number of detectors that the operator has to set, or undefined where it has nothing to say.
 *
 * It is applied by a field manager of its own: so it can be left alone again without the API server taking the field
 * away (and with it every detector but one), and the autoscaler takes it over with its first change.
 */
export function decideReplicasWrite({ deployment, paused, autoscaled, minReplicas }: ReplicasInput): number | undefined {
  const current = (deployment.spec as { replicas?: number } | undefined)?.replicas ?? 1
  const wanted = paused ? 0 : minReplicas
  // An autoscaler takes 0 for "switched off by hand" and never leaves it by itself.
  if (!paused && autoscaled && current !== 0) return undefined
  return current === wanted ? undefined : wanted
}

/** The object that sets `spec.replicas` and nothing else. */
export function buildReplicas(deployment: KubeObject, replicas: number): KubeObject {
  const { name, namespace, uid } = deployment.metadata
  // With the uid it can only change this very Deployment, never make a new one.
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) }, spec: { replicas } }
}
