import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { loadKubeConfig } from './kube-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-kube-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

function write(name: string, { server = 'https://10.0.0.1:6443', user = {}, context = 'here' }: { server?: string; user?: object; context?: string } = {}): string {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'plant' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
  }))
  return file
}

test('a file gives the server, the namespace and the headers', async () => {
  const config = loadKubeConfig({ file: write('a', { server: 'https://10.0.0.1:6443/', user: { token: 'secret' } }) })
  expect([config.server, config.namespace, (await config.authenticate()).headers]).toEqual(['https://10.0.0.1:6443', 'plant', { Authorization: 'Bearer secret' }])
  await config.close()
})

test('without a file KUBECONFIG is read', async () => {
  vi.stubEnv('KUBECONFIG', write('b', { server: 'https://10.0.0.2:6443' }))
  expect(loadKubeConfig().server).toBe('https://10.0.0.2:6443')
})

test('connections are kept from one request to the next', async () => {
  const config = loadKubeConfig({ file: write('c') })
  const [first, second] = [await config.authenticate(), await config.authenticate()]
  expect(second.dispatcher).toBe(first.dispatcher)
  await config.close()
})

test('a token in a file is read anew after renew, without its newline', async () => {
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, 'first\n')
  const config = loadKubeConfig({ file: write('d', { user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }) })
  const headers = async () => (await config.authenticate()).headers.Authorization
  const before = await headers()
  writeFileSync(tokenFile, 'second\n')
  const kept = await headers()
  config.renew()
  expect([before, kept, await headers()]).toEqual(['Bearer first', 'Bearer first', 'Bearer second'])
  await config.close()
})

test('a name and a password become one header', async () => {
  const config = loadKubeConfig({ file: write('e', { user: { username: 'me', password: 'secret' } }) })
  expect((await config.authenticate()).headers).toEqual({ Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` })
  await config.close()
})

test.each([
  ['a file that is not there', () => join(folder, 'nowhere'), /^Cannot read .*nowhere: ENOENT.*\. Give a kubeconfig that "kubectl" accepts$/],
  ['a context that is not there', () => write('f', { context: 'elsewhere' }), /^The current context "elsewhere" of .*f names no cluster\. Set one with "kubectl config use-context"$/],
])('%s is told with what to do', (_, file, message) => {
  expect(() => loadKubeConfig({ file: file() })).toThrow(message)
})

test('credentials that cannot be found are told when they are needed', async () => {
  const config = loadKubeConfig({ file: write('g', { user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder, 'no-token') } } } }) })
  await expect(config.authenticate()).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED', message: expect.stringMatching(/^Cannot find the credentials of .*g: ENOENT/) })
})
