import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Authority, writeKubeconfig } from './pki.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-pki-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('A certificate is signed by its authority, names its subject and answers by its names', async () => {
  const authority = await Authority.create('one')
  const certificate = new X509Certificate((await authority.issue('CN=server, O=servers', ['10.1.2.3', 'server.test'])).certificate)
  const signer = new X509Certificate(authority.certificate)
  expect({ subject: certificate.subject, isSigned: certificate.verify(signer.publicKey), isAuthority: certificate.ca, names: certificate.subjectAltName }).toEqual({
    subject: 'CN=server\nO=servers',
    isSigned: true,
    isAuthority: false,
    names: 'IP Address:10.1.2.3, DNS:server.test',
  })
  expect(signer.ca).toBe(true)
})

test('Another authority has not signed it', async () => {
  const [one, other] = await Promise.all([Authority.create('one'), Authority.create('other')])
  const certificate = new X509Certificate((await one.issue('CN=client')).certificate)
  expect(certificate.verify(new X509Certificate(other.certificate).publicKey)).toBe(false)
})

test('A kubeconfig holds all that is needed, and only its owner reads it', async () => {
  const authority = await Authority.create('one')
  const user = await authority.issue('CN=admin, O=system:masters')
  const file = join(folder, 'kubeconfig')
  writeKubeconfig(file, 'https://10.1.2.3:6443', authority.certificate, user)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    clusters: [{ cluster: { server: 'https://10.1.2.3:6443', 'certificate-authority-data': base64(authority.certificate) } }],
    users: [{ user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) } }],
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
