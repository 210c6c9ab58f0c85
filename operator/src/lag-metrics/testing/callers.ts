import 'reflect-metadata'
import { request } from 'node:https'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** An authority that signs clients' certificates, as the API server's for its aggregator does. */
export async function createClientAuthority(name: string) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const authority = await x509.X509CertificateGenerator.createSelfSigned({ serialNumber: '01', name: `CN=${name}`, ...dates, signingAlgorithm: algorithm, keys, extensions: [new x509.BasicConstraintsExtension(true, 0, true)] })
  return {
    certificate: authority.toString('pem'),
    async issue(commonName: string): Promise<{ cert: string; key: string }> {
      const own = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: '02',
        subject: `CN=${commonName}`,
        issuer: authority.subject,
        ...dates,
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      })
      return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY') }
    },
  }
}

export interface Call {
  /** Default 127.0.0.1. */
  host?: string
  port: number
  path: string
  /** What the server's certificate is checked by. */
  ca: string
  serverName: string
  client?: { cert: string; key: string }
  headers?: Record<string, string | string[]>
  method?: string
  body?: unknown
}

/** JSON of which a test looks at a part; what is missing is undefined when it is looked at. */
export interface Json {
  [member: string]: Json
}

export interface Answered {
  status: number
  type: string | undefined
  /** Parsed where it is JSON, whatever its type says (the API server's own index of OpenAPI is text/plain); else the text is under `text`. */
  body: Json
}

/** Reads a list in it. */
export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? (value as Json[]) : [])

/** Reads a text in it. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? (value) : '')

/** One request over a connection of its own. */
export function call({ host = '127.0.0.1', port, path, ca, serverName, client, headers = {}, method = 'GET', body }: Call): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, method, ca, servername: serverName, headers, agent: false, ...client }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        const type = response.headers['content-type']
        resolve({ status: response.statusCode ?? 0, type, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Json })
      })
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
