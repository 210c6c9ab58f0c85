import type { Clock } from '@tidewatch/kit'
import { resources, type Kube } from '@tidewatch/kube'
import { canonicalJson } from '../shared/hash.ts'
import type { Identity } from './request-header.ts'
import { TtlCache } from './ttl-cache.ts'

/** What is asked for: a metric of a namespace, or a path that belongs to no resource. */
export type Access =
  | { kind: 'Metric'; verb: string; group: string; version: string; namespace: string; metric: string }
  | { kind: 'Path'; verb: string; path: string }

export type Authorize = (identity: Identity, access: Access) => Promise<{ allowed: boolean; reason: string }>

/** As the API server's own delegated authorization. */
const allowFreshMs = 10_000
const denyFreshMs = 5_000
const mostAnswers = 2_000
const superusers = 'system:masters'

/** Asks the API server for each request (SubjectAccessReview); answers hold for 10 s where allowed and 5 s where not. */
export function createAuthorizer({ kube, clock }: { kube: Pick<Kube, 'create'>; clock: Clock }): Authorize {
  const answers = new TtlCache<{ allowed: boolean; reason: string }>(mostAnswers)
  return async (identity, access) => {
    // The API server's own probes come as this group, and must not depend on a question back to it.
    if (identity.groups.includes(superusers)) return { allowed: true, reason: '' }
    const key = canonicalJson({ identity, access })
    const known = answers.read(key, clock.now())
    if (known !== undefined) return known
    const review = await kube.create(resources.subjectAccessReviews, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      spec: {
        user: identity.username,
        ...(identity.uid === undefined ? {} : { uid: identity.uid }),
        groups: identity.groups,
        extra: identity.extra,
        ...(access.kind === 'Path'
          ? { nonResourceAttributes: { path: access.path, verb: access.verb } }
          : { resourceAttributes: { verb: access.verb, group: access.group, version: access.version, namespace: access.namespace, resource: access.metric } }),
      },
    })
    const { allowed = false, reason = '' } = (review.status ?? {}) as { allowed?: boolean; reason?: string }
    const answer = { allowed, reason }
    answers.write(key, answer, clock.now() + (allowed ? allowFreshMs : denyFreshMs))
    return answer
  }
}
