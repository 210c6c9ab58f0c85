/** One value in a Secret of the pipeline's or fleet's own namespace. */
export interface SecretKey {
  name: string
  key: string
}

export type Authentication =
  | { kind: 'scramSha512' | 'plain'; username: string; password: SecretKey }
  | { kind: 'tls'; certificate: SecretKey; key: SecretKey }

/** What a kind's `spec.kafka` comes to once listeners and users are known: for the pods (mounted) and for the operator (read). */
export interface ResolvedConnection {
  /** `host:port`, one or more. */
  brokers: string[]
  /** Undefined: not encrypted. The authorities are trusted beside the system's. */
  tls: { authorities: SecretKey[] } | undefined
  authentication: Authentication | undefined
}

/** Every Secret value that a connection needs, by what it is for; the purpose names the folder it is mounted in. */
export function listSecrets({ tls, authentication }: ResolvedConnection): { purpose: string; secret: SecretKey }[] {
  const authorities = (tls?.authorities ?? []).map((secret, i) => ({ purpose: `authority-${i}`, secret }))
  if (authentication === undefined) return authorities
  if (authentication.kind === 'tls') {
    return [...authorities, { purpose: 'certificate', secret: authentication.certificate }, { purpose: 'key', secret: authentication.key }]
  }
  return [...authorities, { purpose: 'password', secret: authentication.password }]
}
