import { readdirSync, readFileSync } from 'node:fs'
import { Registry } from '@tidewatch/kit'
import { controllerMetrics } from '@tidewatch/controller'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { DetectorMetrics } from '../detector/src/metrics.ts'
import { createExpiryGauge } from '../operator/src/lag-metrics/lag-metrics.ts'
import { createConditionGauge, createLeaderGauge } from '../operator/src/operator-metrics.ts'
import { clusterRolePlaceholder, rbacRules, serviceNamePlaceholder } from '../operator/src/shared/rbac.ts'
import { buildChartFiles, buildRules } from '../scripts/helm-chart.ts'
import { createSimulatorMetrics } from '../simulator/src/metrics.ts'
import { valuesSchema } from './values.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const chart = 'helm/tidewatch'
const crds = Object.fromEntries(readdirSync(new URL('crds/', root)).map((name) => [`crds/${name}`, read(`crds/${name}`)]))
const templates = readdirSync(new URL(`${chart}/templates`, root), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(yaml|tpl|txt)$/.test(name))
  .map((name) => ({ name, text: read(`${chart}/templates/${name}`) }))
const defaults = valuesSchema.parse({}) as Record<string, unknown>

/** `a.b.c` of every value that is no group of others. */
const leaves = (node: Record<string, unknown>, shape: Record<string, unknown>, path = ''): string[] =>
  Object.keys(shape).flatMap((key) => {
    const below = (shape[key] as { properties?: Record<string, unknown> }).properties
    return below === undefined ? [`${path}${key}`] : leaves(node[key] as Record<string, unknown>, below, `${path}${key}.`)
  })
const schema = JSON.parse(read(`${chart}/values.schema.json`)) as { properties: Record<string, unknown> }
const paths = leaves(defaults, schema.properties)
const references = templates.flatMap(({ text }) => [...text.matchAll(/\.Values\.([A-Za-z0-9.]+)/g)].map(([, path = '']) => path))

test.each(Object.entries(buildChartFiles(crds)))('%s is what is generated', (path, text) => {
  expect(read(path)).toBe(text)
})

test('values.yaml holds the defaults of the schema', () => {
  expect(parse(read(`${chart}/values.yaml`))).toEqual(defaults)
})

test('every key of values.yaml has a comment above it', () => {
  const lines = read(`${chart}/values.yaml`).split('\n')
  const groups = paths.flatMap((path) => path.split('.'))
  const bare = lines.filter((line, i) => {
    const key = /^ *([A-Za-z]+):/.exec(line)?.[1]
    return key !== undefined && groups.includes(key) && !/^ *# \S/.test(lines[i - 1] ?? '')
  })
  // Keys below a default that is a map (resources) belong to the map's own comment.
  expect(bare.filter((line) => !/^ +(requests|limits|cpu|memory|grafana_dashboard):/.test(line))).toEqual([])
})

test('every value is used by a template', () => {
  const used = (path: string) => references.some((reference) => reference === path || path.startsWith(`${reference}.`))
  expect(paths.filter((path) => !used(path))).toEqual([])
})

test('every value that a template uses is in the schema', () => {
  const known = (reference: string) => paths.some((path) => path === reference || path.startsWith(`${reference}.`))
  expect([...new Set(references.filter((reference) => !known(reference)))]).toEqual([])
})

test('nothing unknown is allowed in the values, but for what is passed on to Kubernetes', () => {
  const open: string[] = []
  const visit = (node: { properties?: Record<string, never>; additionalProperties?: unknown }, path: string) => {
    if (node.properties === undefined) return
    if (node.additionalProperties !== false) open.push(path)
    for (const [key, below] of Object.entries(node.properties)) visit(below, `${path}.${key}`)
  }
  visit(schema as never, 'values')
  // Helm itself and other charts write into global.
  expect(open).toEqual(['values.global'])
})

describe('permissions', () => {
  test('no rule has a wildcard', () => {
    expect(rbacRules.filter(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs].some((one) => one.includes('*')))).toEqual([])
    expect(templates.filter(({ name }) => /rbac|roles/.test(name)).filter(({ text }) => /["'[ ]\*["'\], ]/.test(text)).map(({ name }) => name)).toEqual([])
  })

  test('every rule of the table is in the chart once, in the part of its scope', () => {
    const text = buildRules(rbacRules).replaceAll('{{ include "tidewatch.fullname" . }}', serviceNamePlaceholder).replaceAll('{{ include "tidewatch.clusterName" . }}', clusterRolePlaceholder)
    const parts = [...text.matchAll(/define "tidewatch\.rules\.([\w.]+)" -}}\n([\s\S]*?){{- end/g)].map(([, name = '', rules = '']) => ({ name, rules: (parse(rules) ?? []) as object[] }))
    expect(parts.map(({ name }) => name)).toEqual(['namespace', 'cluster', 'cluster.lagMetrics', 'ownNamespace', 'ownNamespace.lagMetrics'])
    const plain = rbacRules.map(({ purpose: _purpose, scope: _scope, feature: _feature, ...rule }) => JSON.stringify(Object.entries(rule).sort()))
    expect(parts.flatMap(({ rules }) => rules.map((rule) => JSON.stringify(Object.entries(rule).sort()))).sort()).toEqual(plain.sort())
  })
})

test('a rule is written with its purpose and the names that it is limited to', () => {
  const rule = { purpose: 'Elect a leader.', apiGroups: ['coordination.k8s.io', ''], resources: ['leases'], verbs: ['get'], resourceNames: ['tidewatch-operator'], scope: 'OwnNamespace' as const }
  expect(buildRules([rule])).toContain('# Elect a leader.\n- apiGroups: [coordination.k8s.io, ""]\n  resources: [leases]\n  resourceNames: [tidewatch-operator]\n  verbs: [get]\n')
})

describe('alerts and dashboards', () => {
  const registry = new Registry()
  new DetectorMetrics(registry, 't')
  createSimulatorMetrics(registry)
  controllerMetrics(registry)
  createConditionGauge(registry, { listAll: () => [] })
  createLeaderGauge(registry, 'tidewatch-operator')
  createExpiryGauge(registry)
  const exported = new Set([...registry.getMetricsAsArray().map(({ name }) => name), 'tidewatch_consumer_lag'])

  const functions = new Set(['min_over_time', 'label_replace', 'histogram_quantile', 'group_left', 'label_values'])

  interface Rule { alert: string; expr: string; for: string; labels: Record<string, string>; annotations: Record<string, string> }
  const alerts = (parse(read('config/alerts/tidewatch.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules)
  const dashboard = JSON.parse(read('config/dashboards/tidewatch.json')) as { panels: { id: number; title: string; targets?: { expr: string }[] }[] }
  const queries = [...alerts.map(({ alert, expr }) => [alert, expr]), ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr]))] as [string, string][]

  test.each(queries)('%s asks only for metrics that exist: %s', (_name, expr) => {
    const asked = [...expr.matchAll(/[a-z_]+(?=[{[)])/g)].map(([name]) => name.replace(/_bucket$/, '')).filter((name) => name.includes('_') && !functions.has(name))
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => !exported.has(name))).toEqual([])
  })

  test('the lag is the operator\'s own metric', () => {
    expect(read('operator/src/lag-metrics/watcher.ts')).toContain("name: 'tidewatch_consumer_lag'")
  })

  test.each(alerts)('$alert says what is wrong and what to do', ({ labels, annotations, for: duration }) => {
    expect(labels.severity).toMatch(/^(warning|critical)$/)
    expect(duration).toMatch(/^\d+m$/)
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook'])
    expect(annotations.runbook!.length).toBeGreaterThan(80)
  })

  test('every panel has a number of its own', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
