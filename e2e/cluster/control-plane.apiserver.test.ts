import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ensureBinaries } from './binaries.ts'
import { readAuditLog } from './control-plane.ts'

const binaries = ensureBinaries()
const namespace = `control-plane-${randomBytes(3).toString('hex')}`
const kubectl = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(binaries.path('kubectl'), ['--kubeconfig', inject('kubeconfig'), '--namespace', namespace, ...args], { encoding: 'utf8' })
  return { status, said: (stdout + stderr).trim() }
}

beforeAll(() => {
  expect(kubectl('create', 'namespace', namespace)).toEqual({ status: 0, said: `namespace/${namespace} created` })
})
afterAll(() => {
  kubectl('delete', 'namespace', namespace, '--ignore-not-found')
})

test('The API server is the version that the product is built for', () => {
  expect(kubectl('version', '--output=json').said).toContain('"gitVersion": "v1.34.4"')
})

test('A full quota refuses', () => {
  kubectl('create', 'quota', 'one-secret', '--hard=secrets=0')
  kubectl('wait', 'resourcequota/one-secret', '--for=jsonpath={.status.hard.secrets}=0', '--timeout=30s')
  expect(kubectl('create', 'secret', 'generic', 'second').said).toContain('exceeded quota: one-secret, requested: secrets=1, used: secrets=0, limited: secrets=0')
})

test('Somebody without rights is refused, and the audit log tells it', () => {
  expect(kubectl('get', 'pods', '--as=nobody').said).toContain(`User "nobody" cannot list resource "pods" in API group "" in the namespace "${namespace}"`)
  const refused = readAuditLog<{ verb: string; impersonatedUser?: { username: string }; objectRef?: { resource: string; namespace?: string }; responseStatus?: { code: number } }>(inject('auditLog'))
    .filter(({ impersonatedUser, objectRef }) => impersonatedUser?.username === 'nobody' && objectRef?.namespace === namespace)
    .map(({ verb, objectRef, responseStatus }) => ({ verb, resource: objectRef?.resource, code: responseStatus?.code }))
  expect(refused).toEqual([{ verb: 'list', resource: 'pods', code: 403 }])
})

test('Dependents go with their owner, and all goes with the namespace', () => {
  const owned = `${namespace}-owned`
  kubectl('create', 'namespace', owned)
  kubectl('--namespace', owned, 'create', 'deployment', 'web', '--image=nowhere/web')
  expect(kubectl('--namespace', owned, 'wait', 'replicaset', '--selector=app=web', '--for=create', '--timeout=30s').status).toBe(0)
  kubectl('--namespace', owned, 'delete', 'deployment', 'web')
  expect(kubectl('--namespace', owned, 'wait', 'replicaset', '--selector=app=web', '--for=delete', '--timeout=30s').status).toBe(0)
  kubectl('delete', 'namespace', owned, '--timeout=60s')
  expect(kubectl('get', 'namespace', owned).said).toBe(`Error from server (NotFound): namespaces "${owned}" not found`)
})
