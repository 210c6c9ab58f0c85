import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { rbacRules } from '../operator/src/shared/rbac.ts'
import { chartFolder, outputOf, runHelm, template, type Manifest } from './run-helm.ts'
import { variants } from './variants.ts'

interface Container {
  image: string
  env?: { name: string; value?: string }[]
  ports?: { name: string; containerPort: number }[]
  securityContext: object
  resources?: object
}
interface PodSpec {
  containers: Container[]
  securityContext: object
  volumes?: object[]
  serviceAccountName: string
}

const ofKind = (objects: Manifest[], kind: string) => objects.filter((one) => one.kind === kind)
const podOf = (objects: Manifest[]) => (ofKind(objects, 'Deployment')[0]!.spec as { template: { spec: PodSpec } }).template.spec
const envOf = (objects: Manifest[]) => Object.fromEntries((podOf(objects).containers[0]!.env ?? []).map(({ name, value }) => [name, value]))

test.each(Object.entries(variants))('helm lint --strict finds nothing wrong with %s', (_name, values) => {
  expect(outputOf(runHelm(['lint', '--strict', chartFolder], values))).toContain('1 chart(s) linted, 0 chart(s) failed')
})

test.each(Object.entries(variants))('%s: no wildcard in any role, the restricted level for any pod', (_name, values) => {
  const objects = template(values)
  const rules = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole').flatMap(({ rules: list }) => list as Record<string, string[]>[])
  expect(rules.filter((rule) => Object.values(rule).flat().some((one) => one.includes('*')))).toEqual([])
  const pods = [podOf(objects), ...ofKind(objects, 'Pod').map(({ spec }) => spec as PodSpec)]
  expect(pods).toHaveLength(2)
  for (const pod of pods) {
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } })
    for (const { securityContext } of pod.containers) expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
  }
})

test('the operator is told all that its DESIGN names', () => {
  expect(envOf(template())).toEqual({
    TIDEWATCH_NAMESPACE: undefined,
    TIDEWATCH_POD_NAME: undefined,
    TIDEWATCH_WATCH_NAMESPACES: '',
    TIDEWATCH_DETECTOR_IMAGE: expect.stringMatching(/^tidewatch\/detector:\d+\.\d+\.\d+$/),
    TIDEWATCH_SIMULATOR_IMAGE: expect.stringMatching(/^tidewatch\/simulator:\d+\.\d+\.\d+$/),
    TIDEWATCH_IMAGE_PULL_POLICY: 'IfNotPresent',
    TIDEWATCH_PORT: '8080',
    TIDEWATCH_LAG_METRICS_PORT: '8443',
    TIDEWATCH_SERVICE_NAME: 'tidewatch',
    TIDEWATCH_CLUSTER_ROLE: 'tidewatch-tidewatch',
    TIDEWATCH_NETWORK_POLICIES: 'true',
    TIDEWATCH_LEADER_ELECTION: 'true',
    TIDEWATCH_LOG_LEVEL: 'info',
  })
})

test('registry, tag and digest make the images', () => {
  const objects = template(variants['everything that can be switched on'])
  expect(podOf(objects).containers[0]!.image).toBe('registry.example/mirror/tidewatch/operator:1.2.3')
  expect(envOf(objects)).toMatchObject({ TIDEWATCH_DETECTOR_IMAGE: `registry.example/mirror/tidewatch/detector@sha256:${'a'.repeat(64)}`, TIDEWATCH_SIMULATOR_IMAGE: expect.stringMatching(/^registry\.example\/mirror\/tidewatch\/simulator:\d/) })
})

test('with a list of namespaces the rules for them are Roles, and the ClusterRole keeps what belongs to no namespace', () => {
  const objects = template({ watchNamespaces: ['a', 'b'] })
  expect(ofKind(objects, 'Role').map(({ metadata }) => metadata.namespace).sort()).toEqual(['a', 'b', 'tidewatch'])
  const own = ofKind(objects, 'ClusterRole').find(({ metadata }) => metadata.name === 'tidewatch-tidewatch')!
  const table = rbacRules.filter(({ scope }) => scope === 'Cluster').map(({ resources }) => resources)
  expect((own.rules as { resources: string[] }[]).map(({ resources }) => resources)).toEqual(table)
  expect(envOf(objects).TIDEWATCH_WATCH_NAMESPACES).toBe('a,b')
})

test('without lag metrics there is neither port nor permission for them', () => {
  const objects = template({ lagMetrics: { enabled: false } })
  expect(envOf(objects).TIDEWATCH_LAG_METRICS_PORT).toBe('0')
  expect(podOf(objects).containers[0]!.ports).toEqual([{ name: 'metrics', containerPort: 8080 }])
  expect(ofKind(objects, 'Service').map(({ spec }) => (spec as { ports: { name: string }[] }).ports.map(({ name }) => name))).toEqual([['metrics']])
  expect(JSON.stringify(objects.filter(({ kind }) => /Role/.test(kind)))).not.toMatch(/apiregistration|reviews|extension-apiserver|lag-metrics-tls/)
})

test.each([
  ['one operator', { replicaCount: 1 }, 0],
  ['two operators', { replicaCount: 2 }, 1],
  ['two operators that are not to be protected', { replicaCount: 2, podDisruptionBudget: { enabled: false } }, 0],
])('a PodDisruptionBudget for %s', (_name, values, count) => {
  expect(ofKind(template(values), 'PodDisruptionBudget')).toHaveLength(count)
})

describe('definitions', () => {
  const raw = readdirSync(new URL('../crds/', import.meta.url)).map((name) => parse(readFileSync(new URL(`../crds/${name}`, import.meta.url), 'utf8')) as Manifest)
  const plain = (crds: Manifest[]) => crds.map(({ metadata: { labels: _labels, annotations: _annotations, ...metadata }, ...crd }) => ({ ...crd, metadata }))

  test('those of the chart are those of crds/', () => {
    expect(plain(ofKind(template(), 'CustomResourceDefinition'))).toEqual(plain(raw))
  })

  test.each([[{}, 'keep'], [{ crds: { keep: false } }, undefined]])('with %j their resource policy is %s', (values, policy) => {
    const crds = ofKind(template(values), 'CustomResourceDefinition')
    expect(crds.map(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'])).toEqual([policy, policy])
  })

  test('with crds.enabled=false there are none', () => {
    expect(ofKind(template({ crds: { enabled: false } }), 'CustomResourceDefinition')).toEqual([])
  })
})

test('alerts and dashboard are installed as they are in config/', () => {
  const objects = template(variants['everything that can be switched on'])
  const read = (path: string) => readFileSync(new URL(`../config/${path}`, import.meta.url), 'utf8')
  expect(ofKind(objects, 'PrometheusRule').map(({ spec }) => spec)).toEqual([parse(read('alerts/tidewatch.yaml'))])
  expect(ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.labels?.grafana_dashboard === '1')!.data).toEqual({ 'tidewatch.json': read('dashboards/tidewatch.json') })
  expect(ofKind(objects, 'ServiceMonitor')).toHaveLength(1)
})

test('extra objects are templates', () => {
  const extra = template(variants['everything that can be switched on']).find(({ metadata }) => metadata.name === 'extra-tidewatch')
  expect(extra?.data).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
})

test.each([
  [{ replicas: 2 }, /additional propert.* 'replicas' not allowed/i],
  [{ crds: { enable: true } }, /at '\/crds'.*additional propert.* 'enable' not allowed/is],
  [{ replicaCount: '2' }, /at '\/replicaCount'.*got string, want integer/is],
  [{ logLevel: 'loud' }, /at '\/logLevel'.*value must be one of/is],
  [{ watchNamespaces: ['Capital'] }, /at '\/watchNamespaces\/0'.*does not match pattern/is],
  [{ image: { digest: 'abc' } }, /at '\/image\/digest'.*does not match pattern/is],
])('%j is refused by the schema', (values, message) => {
  const { status, stderr } = runHelm(['template', 'tidewatch', chartFolder], values)
  expect(status).toBe(1)
  expect(stderr).toMatch(message)
})
