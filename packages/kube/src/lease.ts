import { formatMicroTime } from './micro-time.ts'
import type { KubeObject, ObjectName } from './object.ts'
import { apiVersionOf, resources } from './resource.ts'

/** `spec` of a Lease, as coordination.k8s.io/v1 has it. */
export interface LeaseSpec {
  holderIdentity?: string
  leaseDurationSeconds?: number
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

/** What we saw of a Lease and when, by our own clock. */
export interface LeaseObservation {
  /** What changes with each renewal; undefined where there is no Lease. */
  resourceVersion: string | undefined
  atMs: number
}

export const specOf = (lease: KubeObject | undefined): LeaseSpec => (lease?.spec ?? {})

/** Keeps the time of the first sight of this version: the holder renews by its clock, we judge by ours. */
export function observeLease(before: LeaseObservation | undefined, lease: KubeObject | undefined, nowMs: number): LeaseObservation {
  const resourceVersion = lease?.metadata.resourceVersion
  return before !== undefined && before.resourceVersion === resourceVersion ? before : { resourceVersion, atMs: nowMs }
}

/** May `identity` take the Lease, or keep it? Another's is free when it was released or has not moved for its whole duration. */
export function isLeaseFree(lease: KubeObject | undefined, observation: LeaseObservation, identity: string, nowMs: number): boolean {
  const { holderIdentity = '', leaseDurationSeconds = 0 } = specOf(lease)
  return lease === undefined || holderIdentity === '' || holderIdentity === identity || nowMs > observation.atMs + leaseDurationSeconds * 1_000
}

/** The Lease as `identity` writes it to take it or to renew it. The `resourceVersion` stays: the server lets only one of two win. */
export function planLease(lease: KubeObject | undefined, { name, identity, durationMs, nowMs }: { name: Required<ObjectName>; identity: string; durationMs: number; nowMs: number }): KubeObject {
  const before = specOf(lease)
  const isOurs = before.holderIdentity === identity
  const spec: LeaseSpec = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: isOurs && before.acquireTime !== undefined ? before.acquireTime : formatMicroTime(nowMs),
    renewTime: formatMicroTime(nowMs),
    leaseTransitions: (before.leaseTransitions ?? 0) + (isOurs || lease === undefined ? 0 : 1),
  }
  return { ...(lease ?? { apiVersion: apiVersionOf(resources.leases), kind: resources.leases.kind, metadata: { namespace: name.namespace ?? 'default', name: name.name } }), spec }
}

/** The Lease as its holder leaves it: free at once, for whoever comes first. */
export function planRelease(lease: KubeObject, nowMs: number): KubeObject {
  const { leaseTransitions = 0 } = specOf(lease)
  // The server refuses a duration of 0.
  return { ...lease, spec: { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: formatMicroTime(nowMs), renewTime: formatMicroTime(nowMs), leaseTransitions } satisfies LeaseSpec }
}
