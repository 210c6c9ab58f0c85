import 'reflect-metadata'
import { randomBytes, type webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** PEM text of a certificate authority, with its key, and of a certificate it signed. */
export interface CertificateSet {
  /** The authority in use; after a change of authority the one before is in it too, until it ends. */
  caBundle: string
  caKey: string
  certificate: string
  key: string
}

export interface CertificateRequest {
  /** Every name that the server is called by, the common name first. */
  names: readonly [string, ...string[]]
  nowMs: number
  /** Default ten years. */
  caLifeMs?: number
  /** Default ninety days. */
  lifeMs?: number
}

const dayMs = 24 * 60 * 60_000
const defaultCaLifeMs = 3_650 * dayMs
const defaultLifeMs = 90 * dayMs
/** Clocks of nodes differ; a certificate from the future is refused. */
const backdateMs = 5 * 60_000

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** What has to be done about certificates that are there: the serving one and the authority at two thirds of their life. */
export function decideRenewal(set: CertificateSet, { names, nowMs }: CertificateRequest): 'Keep' | 'RenewCertificate' | 'RenewAll' {
  try {
    const [ca] = readPem(set.caBundle)
    const certificate = new x509.X509Certificate(set.certificate)
    if (ca === undefined || isWorn(ca, nowMs) || certificate.issuer !== ca.subject) return 'RenewAll'
    const covered = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(({ value }) => value) ?? []
    return isWorn(certificate, nowMs) || names.some((name) => !covered.includes(name)) ? 'RenewCertificate' : 'Keep'
  } catch {
    // Whatever cannot be read as certificates (an edited Secret) is replaced as a whole.
    return 'RenewAll'
  }
}

/** A new authority and a certificate by it; authorities of `before` that have not ended stay trusted beside it. */
export async function issueAll(request: CertificateRequest, before?: string): Promise<CertificateSet> {
  const { nowMs, caLifeMs = defaultCaLifeMs } = request
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const serialNumber = randomSerial()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    // A name of its own for each authority: two of the same name in one bundle would hide each other.
    name: `CN=tidewatch-lag-metrics-ca-${serialNumber.slice(0, 8)}`,
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + caLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const kept = readPemLoosely(before).filter(({ notAfter }) => notAfter.getTime() > nowMs)
  const caBundle = [ca, ...kept].map(toPem).join('')
  return issueCertificate(request, { caBundle, caKey: await exportKey(keys.privateKey) })
}

/** A new certificate by the first authority of the bundle. */
export async function issueCertificate(request: CertificateRequest, { caBundle, caKey }: Pick<CertificateSet, 'caBundle' | 'caKey'>): Promise<CertificateSet> {
  const { names, nowMs, lifeMs = defaultLifeMs } = request
  const [ca] = readPem(caBundle)
  if (ca === undefined) throw new Error('the bundle holds no certificate authority')
  const [der] = x509.PemConverter.decode(caKey)
  const signingKey = await crypto.subtle.importKey('pkcs8', der as ArrayBuffer, algorithm, false, ['sign'])
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    // A common name holds 64 characters at most; clients look at the alternative names alone.
    subject: `CN=${names[0].slice(0, 64)}`,
    issuer: ca.subject,
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(Math.min(nowMs + lifeMs, ca.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  })
  return { caBundle, caKey, certificate: toPem(certificate), key: await exportKey(keys.privateKey) }
}

function isWorn({ notBefore, notAfter }: x509.X509Certificate, nowMs: number): boolean {
  const [from, to] = [notBefore.getTime(), notAfter.getTime()]
  return nowMs >= from + ((to - from) * 2) / 3 || nowMs < from
}

const readPem = (text: string): x509.X509Certificate[] => x509.PemConverter.decode(text).map((der) => new x509.X509Certificate(der))

function readPemLoosely(text = ''): x509.X509Certificate[] {
  try {
    return readPem(text)
  } catch {
    // An edited bundle: nothing in it is worth keeping.
    return []
  }
}

const toPem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY').trim()}\n`
}

/** Positive and unlikely to be given twice (RFC 5280, 4.1.2.2). */
const randomSerial = (): string => `01${randomBytes(15).toString('hex')}`
