import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { KafkaConnection } from '@tidewatch/kafka'
import type { ResolvedConnection } from './connection.ts'
import type { Credentials } from './read-secrets.ts'

/** A connection for packages/kafka, whose credentials lie in files that nobody else can read. */
export interface MaterialisedConnection {
  connection: KafkaConnection
  /** Removes the files. */
  remove(): void
}

/** Writes what packages/kafka reads by file name: it is made for the mounted Secrets of a pod. */
export function materialise(resolved: ResolvedConnection, credentials: Credentials, clientId: string): MaterialisedConnection {
  const { brokers, tls, authentication } = resolved
  if (credentials.size === 0) return { connection: { brokers, clientId, ...(tls === undefined ? {} : { tls: {} }) }, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-kafka-'))
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const of = (purpose: string) => credentials.get(purpose) ?? ''
  // An authority named in the manifest comes beside the system's, as in the pods.
  const authorities = (tls?.authorities ?? []).map((_, i) => of(`authority-${i}`))
  const caFile = authorities.length === 0 ? {} : { caFile: write('ca.crt', [...authorities, ...rootCertificates].join('\n')) }
  const own = authentication?.kind === 'tls' ? { certFile: write('tls.crt', of('certificate')), keyFile: write('tls.key', of('key')) } : {}
  return {
    connection: {
      brokers,
      clientId,
      ...(tls === undefined ? {} : { tls: { ...caFile, ...own } }),
      ...(authentication === undefined || authentication.kind === 'tls'
        ? {}
        : { sasl: { mechanism: authentication.kind === 'plain' ? 'plain' : 'scram-sha-512', username: authentication.username, passwordFile: write('password', of('password')) } }),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
