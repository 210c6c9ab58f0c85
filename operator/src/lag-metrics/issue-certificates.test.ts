import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decideRenewal, issueAll, issueCertificate, type CertificateRequest } from './issue-certificates.ts'

const nowMs = Date.parse('2030-01-01T00:00:00Z')
const dayMs = 86_400_000
const request = (over: Partial<CertificateRequest> = {}): CertificateRequest => ({ names: ['tidewatch', 'tidewatch.ops', 'tidewatch.ops.svc'], nowMs, ...over })

test('a server certificate for all the names, signed by the authority, that OpenSSL reads', async () => {
  const set = await issueAll(request())
  const certificate = new X509Certificate(set.certificate)
  const ca = new X509Certificate(set.caBundle)
  expect(certificate.subjectAltName).toBe('DNS:tidewatch, DNS:tidewatch.ops, DNS:tidewatch.ops.svc')
  expect(certificate.verify(ca.publicKey)).toBe(true)
  expect([ca.ca, certificate.ca]).toEqual([true, false])
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(certificate.validTo).toBe('Apr  1 00:00:00 2030 GMT')
})

describe('decideRenewal', () => {
  test.each([
    ['keeps a fresh one', {}, 'Keep'],
    ['keeps it up to two thirds of its life', { nowMs: nowMs + 59 * dayMs }, 'Keep'],
    ['renews the certificate from there on', { nowMs: nowMs + 61 * dayMs }, 'RenewCertificate'],
    ['renews it for another name', { names: ['other'] as const }, 'RenewCertificate'],
    ['renews the authority at two thirds of its life', { nowMs: nowMs + 2_500 * dayMs }, 'RenewAll'],
    ['renews what comes from the future', { nowMs: nowMs - dayMs }, 'RenewAll'],
  ] as const)('%s', async (_, over, renewal) => {
    expect(decideRenewal(await issueAll(request()), request(over as Partial<CertificateRequest>))).toBe(renewal)
  })

  test('replaces what cannot be read', async () => {
    const set = await issueAll(request())
    expect(decideRenewal({ ...set, certificate: 'edited' }, request())).toBe('RenewAll')
    expect(decideRenewal({ ...set, caBundle: '' }, request())).toBe('RenewAll')
  })

  test('replaces a certificate by another authority', async () => {
    const set = await issueAll(request())
    expect(decideRenewal({ ...set, certificate: (await issueAll(request())).certificate }, request())).toBe('RenewAll')
  })
})

test('a new certificate keeps the authority', async () => {
  const set = await issueAll(request())
  const renewed = await issueCertificate(request({ nowMs: nowMs + 61 * dayMs }), set)
  expect(renewed.caBundle).toBe(set.caBundle)
  expect(new X509Certificate(renewed.certificate).verify(new X509Certificate(set.caBundle).publicKey)).toBe(true)
  expect(decideRenewal(renewed, request({ nowMs: nowMs + 61 * dayMs }))).toBe('Keep')
})

test('a new authority stands before the one it follows until that has ended', async () => {
  const first = await issueAll(request())
  const second = await issueAll(request({ nowMs: nowMs + 2_500 * dayMs }), first.caBundle)
  expect(second.caBundle.endsWith(first.caBundle)).toBe(true)
  expect(decideRenewal(second, request({ nowMs: nowMs + 2_500 * dayMs }))).toBe('Keep')
  const third = await issueAll(request({ nowMs: nowMs + 5_000 * dayMs }), second.caBundle)
  expect(third.caBundle.includes(first.caBundle)).toBe(false)
})
