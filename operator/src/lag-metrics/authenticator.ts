import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '@tidewatch/kit'
import { resources, type Kube } from '@tidewatch/kube'
import { authenticateByHeaders, type Identity, type RequestHeaderConfig } from './request-header.ts'
import { TtlCache } from './ttl-cache.ts'

/** Undefined: nobody is known to ask. */
export type Authenticate = (request: IncomingMessage, config: RequestHeaderConfig | undefined) => Promise<Identity | undefined>

const tokenFreshMs = 10_000
const mostTokens = 1_000
const everybody = 'system:authenticated'

interface TokenReviewStatus {
  authenticated?: boolean
  user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> }
}

/**
 * Finds out who asks: first by the aggregator's certificate and headers, then by a bearer token that the API server
 * vouches for (TokenReview; the answer holds for ten seconds, and only the token's hash is kept).
 */
export function createAuthenticator({ kube, clock }: { kube: Pick<Kube, 'create'>; clock: Clock }): Authenticate {
  const tokens = new TtlCache<Identity | 'Unknown'>(mostTokens)

  const authenticateByToken = async (token: string): Promise<Identity | undefined> => {
    const key = createHash('sha256').update(token).digest('base64')
    const known = tokens.read(key, clock.now())
    if (known !== undefined) return known === 'Unknown' ? undefined : known
    const review = await kube.create(resources.tokenReviews, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      // The API server gives it no name and stores nothing.
      metadata: { name: '' },
      spec: { token },
    })
    const { authenticated, user } = (review.status ?? {}) as TokenReviewStatus
    const identity = authenticated === true && user?.username ? { username: user.username, uid: user.uid, groups: user.groups ?? [], extra: user.extra ?? {} } : undefined
    tokens.write(key, identity ?? 'Unknown', clock.now() + tokenFreshMs)
    return identity
  }

  return async (request, config) => {
    const identity = authenticateByHeaders(request, config) ?? (await authenticateToken(request, authenticateByToken))
    if (identity === undefined) return undefined
    // As every server of Kubernetes' own does; the roles for discovery are bound to this group.
    return identity.groups.includes(everybody) ? identity : { ...identity, groups: [...identity.groups, everybody] }
  }
}

async function authenticateToken({ headers }: IncomingMessage, review: (token: string) => Promise<Identity | undefined>): Promise<Identity | undefined> {
  const match = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')
  return match?.[1] === undefined ? undefined : review(match[1])
}
