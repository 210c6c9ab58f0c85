import { request } from 'node:https'
import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { conditionOf, useNamespace, usePlatform } from '../../support/platform.ts'

const { cluster, operatorNamespace, releaseName } = usePlatform()
const namespace = useNamespace('reader')
const secretName = `${releaseName}-lag-metrics-tls`
const apiServiceName = 'v1beta1.external.metrics.k8s.io'

type Secret = KubeObject & { data?: Record<string, string> }
type ApiService = KubeObject & { spec?: { caBundle?: string } }

const readCertificate = async () => (await cluster.read<Secret>('secret', secretName, operatorNamespace))?.data?.['tls.crt']
const readBundle = async () => (await cluster.read<ApiService>('apiservice', apiServiceName))?.spec?.caBundle

test('a certificate that somebody spoils is issued anew, and the API server trusts it', async () => {
  const bundle = await readBundle()
  const nonsense = Buffer.from('not a certificate').toString('base64')
  await cluster.patch('secret', secretName, operatorNamespace, { data: { 'tls.crt': nonsense, 'ca.crt': nonsense, 'ca.key': nonsense } })
  await eventually('there is another certificate', readCertificate, (one) => one !== undefined && one !== nonsense, { timeoutMs: 60_000 })
  await eventually('the APIService holds another authority', readBundle, (one) => one !== undefined && one !== bundle, { timeoutMs: 60_000 })
  await eventually('it is available', () => cluster.read('apiservice', apiServiceName), (one) => conditionOf(one, 'Available')?.status === 'True', { timeoutMs: 60_000 })
})

/** Asks the operator itself, past the API server, with the token of a service account. */
async function readDirectly(port: number, token: string | undefined): Promise<number | undefined> {
  const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/tidewatch_drain_seconds`
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    request({ host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', reject).end()
  })
}

test('whoever asks the operator past the API server must be known, and may read no more than he may', async () => {
  await cluster.run(['create', 'serviceaccount', 'reader', '-n', namespace])
  const token = (await cluster.run(['create', 'token', 'reader', '-n', namespace])).trim()
  const forward = cluster.start(['port-forward', `deployment/${releaseName}`, '-n', operatorNamespace, ':8443'])
  try {
    const port = await new Promise<number>((resolve, reject) => {
      forward.stdout?.on('data', (chunk: Buffer) => {
        const found = /127\.0\.0\.1:(\d+)/.exec(chunk.toString())
        if (found !== null) resolve(Number(found[1]))
      })
      forward.once('close', () => reject(new Error('kubectl port-forward ended')))
    })
    expect([await readDirectly(port, undefined), await readDirectly(port, 'nonsense'), await readDirectly(port, token)]).toEqual([401, 401, 403])
    await cluster.apply([
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'lag', namespace }, rules: [{ apiGroups: ['external.metrics.k8s.io'], resources: ['*'], verbs: ['list'] }] },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'lag', namespace }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'lag' }, subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }] },
    ])
    await eventually('it may read now', () => readDirectly(port, token), (status) => status === 200, { timeoutMs: 30_000 })
  } finally {
    forward.kill('SIGKILL')
  }
})
