import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const lifeMs = 365 * 86_400_000

export interface KeyAndCertificate {
  certificate: string
  key: string
}

/** A certificate authority that signs for one cluster. */
export class Authority {
  readonly certificate: string
  readonly #issuer: x509.X509Certificate
  readonly #keys: webcrypto.CryptoKeyPair

  private constructor(issuer: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#issuer = issuer
    this.#keys = keys
    this.certificate = issuer.toString('pem')
  }

  static async create(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)],
    })
    return new Authority(certificate, keys)
  }

  /**
   * @param subject such as `CN=admin, O=system:masters`: Kubernetes reads the user from CN and the groups from O.
   * @param names host names and addresses that a server answers by.
   */
  async issue(subject: string, names: readonly string[] = []): Promise<KeyAndCertificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const alternatives = names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value }))
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.#issuer.subject,
      signingKey: this.#keys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
        ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
      ],
    })
    return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) }
  }
}

/** The key pair that service account tokens are signed by. */
export async function createSigningKey(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const publicKey = x509.PemConverter.encode(await webcrypto.subtle.exportKey('spki', keys.publicKey), 'PUBLIC KEY')
  return { privateKey: await exportKey(keys.privateKey), publicKey }
}

/** Writes `<name>.crt` and `<name>.key`. */
export function writePair(folder: string, name: string, { certificate, key }: KeyAndCertificate): { certificateFile: string; keyFile: string } {
  mkdirSync(folder, { recursive: true })
  const certificateFile = join(folder, `${name}.crt`)
  const keyFile = join(folder, `${name}.key`)
  writeFileSync(certificateFile, certificate)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { certificateFile, keyFile }
}

/** A kubeconfig with everything in it, so that it can be copied anywhere. */
export function writeKubeconfig(file: string, server: string, authority: string, user: KeyAndCertificate): void {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'tidewatch',
      clusters: [{ name: 'tidewatch', cluster: { server, 'certificate-authority-data': base64(authority) } }],
      users: [{ name: 'tidewatch', user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) } }],
      contexts: [{ name: 'tidewatch', context: { cluster: 'tidewatch', user: 'tidewatch' } }],
    }),
    { mode: 0o600 },
  )
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  // A minute back: clocks of a node and its host may differ by a little.
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + lifeMs) }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
