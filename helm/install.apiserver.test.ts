import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger, systemClock } from '@tidewatch/kit'
import { createKube, loadKubeConfig } from '@tidewatch/kube'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startControlPlane, type ControlPlane } from '../e2e/cluster/control-plane.ts'
import { createLagMetrics } from '../operator/src/lag-metrics/index.ts'
import { clusterRolePlaceholder, rbacRules, serviceNamePlaceholder } from '../operator/src/shared/rbac.ts'
import { chartFolder, outputOf, parseManifests, runHelm, runKubectl, template, type Manifest } from './run-helm.ts'
import { variants } from './variants.ts'

const namespace = 'tidewatch'
const sample = readFileSync(new URL('../config/samples/valid/hvac.yaml', import.meta.url), 'utf8')

// A control plane of its own: the chart writes what belongs to the whole cluster, and other files' tests would meet it.
let cluster: ControlPlane
let folder: string
const helm = (args: string[], values: object = {}) => outputOf(runHelm([...args, '--namespace', namespace], values, cluster.kubeconfig))
const kubectl = (args: string[], input = '') => outputOf(runKubectl(cluster.kubeconfig, args, input))
const read = (...args: string[]) => JSON.parse(kubectl(['get', ...args, '-o', 'json'])) as Manifest
const asStream = (objects: object[]) => objects.map((object) => JSON.stringify(object)).join('\n---\n')
const exists = (...args: string[]) => runKubectl(cluster.kubeconfig, ['get', ...args]).status === 0

interface Wish {
  verb: string
  group: string
  /** `pods`, or `pods/exec`. */
  resource: string
  name?: string
  namespace?: string
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-helm-'))
  cluster = await startControlPlane({ folder })
  kubectl(['create', 'namespace', namespace])
  kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'])
  kubectl(['apply', '-f', '-'], readFileSync(new URL('testdata/monitoring-crds.yaml', import.meta.url), 'utf8'))
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
}, 1_800_000)

afterAll(async () => {
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('what the chart makes', () => {
  test.each(Object.entries(variants))('%s: the API server takes every object', (_name, values) => {
    // A pod is refused while its service account is not there, which in a dry run it never is: the next test has the pods.
    const objects = template(values).filter(({ kind }) => kind !== 'Pod').map(({ metadata, ...object }) => ({ ...object, metadata: { namespace, ...metadata } }))
    const answer = kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], asStream(objects))
    expect(answer.trim().split('\n').every((line) => line.endsWith('serverside-applied (server dry run)'))).toBe(true)
  })

  test.each(Object.entries(variants))('%s: a namespace at the restricted level takes both pods', (_name, values) => {
    const objects = template({ ...values, serviceAccount: { create: false, name: 'default' }, priorityClassName: '' })
    const deployment = objects.find(({ kind }) => kind === 'Deployment')!
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace }, spec: (deployment.spec as { template: { spec: object } }).template.spec }
    for (const one of [pod, objects.find(({ kind }) => kind === 'Pod')!]) {
      expect(kubectl(['create', '--dry-run=server', '--namespace', namespace, '-f', '-'], JSON.stringify(one))).toContain('created (server dry run)')
    }
  })
})

test('install, upgrade with live objects, rollback and uninstall: definitions and objects stay', () => {
  const previous = join(folder, 'tidewatch-0.0.1.tgz')
  outputOf(runHelm(['package', chartFolder, '--version', '0.0.1', '--app-version', '0.0.1', '--destination', folder]))

  const notes = helm(['install', 'tidewatch', previous])
  expect(notes).toContain('Tidewatch 0.0.1 is installed in namespace tidewatch.')
  expect(notes).toContain('helm test tidewatch -n tidewatch')
  expect(notes).toContain('NOTE: Strimzi is not installed.')
  expect(notes).not.toContain('External metrics belongs to')
  kubectl(['wait', '--for=condition=Established', 'crd/detectionpipelines.tidewatch.dev', 'crd/devicefleets.tidewatch.dev', '--timeout=30s'])

  kubectl(['apply', '--namespace', namespace, '-f', '-'], sample)
  const uids = () => ['dp', 'fleet'].map((kind) => read(kind, 'hvac', '-n', namespace).metadata as { uid?: string }).map(({ uid }) => uid)
  const before = uids()

  helm(['upgrade', 'tidewatch', chartFolder], { replicaCount: 2, logLevel: 'debug', watchNamespaces: ['default'] })
  const upgraded = read('deployment', 'tidewatch', '-n', namespace)
  expect(upgraded).toMatchObject({ spec: { replicas: 2 } })
  expect(upgraded.metadata.labels?.['helm.sh/chart']).not.toBe('tidewatch-0.0.1')
  expect([exists('pdb', 'tidewatch', '-n', namespace), exists('role', 'tidewatch-tidewatch', '-n', 'default')]).toEqual([true, true])
  expect(uids()).toEqual(before)

  helm(['rollback', 'tidewatch', '1'])
  expect(read('deployment', 'tidewatch', '-n', namespace)).toMatchObject({ spec: { replicas: 1 } })
  expect([exists('pdb', 'tidewatch', '-n', namespace), exists('role', 'tidewatch-tidewatch', '-n', 'default')]).toEqual([false, false])
  expect(uids()).toEqual(before)

  helm(['uninstall', 'tidewatch'])
  expect(exists('deployment', 'tidewatch', '-n', namespace)).toBe(false)
  expect(uids()).toEqual(before)

  // A second install adopts the definitions that the first one left.
  helm(['install', 'tidewatch', chartFolder])
  expect(uids()).toEqual(before)
  helm(['uninstall', 'tidewatch'])
})

test('what the operator made for itself goes with the installation, and namespaces can still be deleted', async () => {
  helm(['install', 'tidewatch', chartFolder])
  const env = (read('deployment', 'tidewatch', '-n', namespace).spec as { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } }).template.spec.containers[0]!.env
  // With the operator's own rights, and with the role that the chart tells it.
  const kubeConfig = loadKubeConfig({ file: await cluster.issueKubeconfig('operator', `CN=system:serviceaccount:${namespace}:tidewatch`) })
  const kube = createKube({ kubeConfig })
  const lagMetrics = createLagMetrics({
    kube,
    lag: { listPipelines: () => [], signalOf: () => undefined },
    clock: systemClock,
    log: createLogger({ name: 'test', level: 'silent' }),
    namespace,
    serviceName: 'tidewatch',
    port: 0,
    clusterRole: env.find(({ name }) => name === 'TIDEWATCH_CLUSTER_ROLE')?.value,
    isLeader: () => true,
  })
  await lagMetrics.refresh()
  const stopped = new AbortController()
  stopped.abort()
  await lagMetrics.run(stopped.signal)
  await kube.close()

  const made = [['apiservice', 'v1beta1.external.metrics.k8s.io'], ['secret', 'tidewatch-lag-metrics-tls', '-n', namespace]]
  const owner = read('clusterrole', 'tidewatch-tidewatch').metadata as { uid?: string }
  for (const one of made) {
    expect((read(...one).metadata as { ownerReferences?: object[] }).ownerReferences).toEqual([{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'tidewatch-tidewatch', uid: owner.uid }])
  }
  helm(['uninstall', 'tidewatch'])
  await vi.waitFor(() => expect(made.filter((one) => exists(...one))).toEqual([]), { timeout: 60_000, interval: 250 })
  kubectl(['create', 'namespace', 'short-lived'])
  expect(kubectl(['delete', 'namespace', 'short-lived', '--timeout=60s'])).toContain('namespace "short-lived" deleted')
}, 180_000)

test('the notes say whose the external metrics slot is', () => {
  const slot = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.external.metrics.k8s.io' }, spec: { group: 'external.metrics.k8s.io', version: 'v1beta1', service: { name: 'prometheus-adapter', namespace: 'monitoring' }, insecureSkipTLSVerify: true, groupPriorityMinimum: 100, versionPriority: 100 } }
  kubectl(['apply', '-f', '-'], JSON.stringify(slot))
  try {
    expect(helm(['install', 'tidewatch', chartFolder])).toContain("The cluster's one slot for External metrics belongs to monitoring/prometheus-adapter.")
    expect(helm(['uninstall', 'tidewatch'])).toContain('uninstalled')
  } finally {
    kubectl(['delete', 'apiservice', 'v1beta1.external.metrics.k8s.io'])
  }
})

describe.each([
  ['a ClusterRole', {}, 'default'],
  ['Roles in the namespaces that are watched', { watchNamespaces: ['default'] }, 'default'],
])('with %s', (_name, values, watched) => {
  const account = `system:serviceaccount:${namespace}:tidewatch`

  /** What the operator asks for, one by one, answered by the API server's own authorizer. */
  const askAll = (wishes: Wish[]) => {
    const reviews = wishes.map(({ resource, ...wish }) => {
      const [plural, subresource] = resource.split('/')
      return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: account, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'], resourceAttributes: { resource: plural, subresource, ...wish } } }
    })
    const answers = parseManifests(kubectl(['create', '-f', '-', '-o', 'yaml'], asStream(reviews)))
    const items = answers.flatMap((answer) => (answer.kind === 'List' ? (answer.items as Manifest[]) : [answer]))
    return items.map(({ status }) => (status as { allowed: boolean }).allowed)
  }

  beforeAll(() => void helm(['install', 'tidewatch', chartFolder], values))
  afterAll(() => void helm(['uninstall', 'tidewatch']))

  test('the operator may do what its table says', () => {
    const wishes = rbacRules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''], scope }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => resourceNames.flatMap((name) => verbs.map((verb): Wish => {
        const place = scope === 'Cluster' ? {} : { namespace: scope === 'OwnNamespace' ? namespace : watched }
        return { group, resource, verb, name: name.replace(serviceNamePlaceholder, 'tidewatch').replace(clusterRolePlaceholder, 'tidewatch-tidewatch'), ...place }
      })))),
    )
    const answers = askAll(wishes)
    expect(answers).toHaveLength(wishes.length)
    expect(wishes.filter((_, i) => answers[i] !== true)).toEqual([])
  })

  test.each<[string, Wish]>([
    ['list secrets', { verb: 'list', group: '', resource: 'secrets', namespace: watched }],
    ['read a Secret of somebody else in its own namespace', { verb: 'update', group: '', resource: 'secrets', name: 'other', namespace }],
    ['make pods', { verb: 'create', group: '', resource: 'pods', namespace: watched }],
    ['run commands in pods', { verb: 'create', group: '', resource: 'pods/exec', namespace: watched }],
    ['change roles', { verb: 'update', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' }],
    ['change the definitions', { verb: 'patch', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }],
    ['touch another APIService', { verb: 'patch', group: 'apiregistration.k8s.io', resource: 'apiservices', name: 'v1beta1.metrics.k8s.io' }],
    ['read a Lease of somebody else', { verb: 'get', group: 'coordination.k8s.io', resource: 'leases', name: 'other', namespace }],
    ['delete pipelines', { verb: 'delete', group: 'tidewatch.dev', resource: 'detectionpipelines', namespace: watched }],
  ])('it may not %s', (_what, wish) => {
    expect(askAll([wish])).toEqual([false])
  })

  test('it may make its APIService by server-side apply, and read the authentication of the API server', () => {
    const slot = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.external.metrics.k8s.io' }, spec: { group: 'external.metrics.k8s.io', version: 'v1beta1', service: { name: 'tidewatch', namespace }, caBundle: 'AA==', groupPriorityMinimum: 100, versionPriority: 100 } }
    expect(kubectl(['apply', '--server-side', '--dry-run=server', '--as', account, '-f', '-'], JSON.stringify(slot))).toContain('serverside-applied')
    expect(kubectl(['get', 'configmap', 'extension-apiserver-authentication', '-n', 'kube-system', '-o', 'name', '--as', account])).toContain('extension-apiserver-authentication')
  })

  test.each([['view', 'get', true], ['view', 'patch', false], ['edit', 'create', true]])('who has the role %s may %s pipelines: %s', async (role, verb, expected) => {
    const user = `${role}-user`
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: user, namespace: 'default' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }] }
    kubectl(['apply', '-f', '-'], JSON.stringify(binding))
    const asks = (verbToAsk: string) => runKubectl(cluster.kubeconfig, ['auth', 'can-i', verbToAsk, 'dp', '--namespace', 'default', '--as', user]).stdout.trim() === 'yes'
    // The controller manager adds the rules to the roles in its own time; once reading is allowed they are there.
    for (let i = 0; i < 100 && !asks('get'); i++) await sleep(100)
    expect(asks(verb)).toBe(expected)
  })
})

test('helm get manifest is what was applied', () => {
  helm(['install', 'tidewatch', chartFolder])
  const kinds = parseManifests(helm(['get', 'manifest', 'tidewatch'])).map(({ kind }) => kind).sort()
  expect(kinds).toEqual(['ClusterRole', 'ClusterRole', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition', 'CustomResourceDefinition', 'Deployment', 'NetworkPolicy', 'Role', 'RoleBinding', 'RoleBinding', 'Service', 'ServiceAccount'])
  helm(['uninstall', 'tidewatch'])
})
