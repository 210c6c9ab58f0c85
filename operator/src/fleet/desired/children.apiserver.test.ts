import { randomBytes } from 'node:crypto'
import { isUpToDate, withAppliedHash } from '@tidewatch/controller'
import { createKube, loadKubeConfig, resources, type Kube } from '@tidewatch/kube'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { ResourceObject } from '../../pipeline/observed.ts'
import { anObserved } from '../testing/an-observed.ts'
import { buildFoundations } from './children.ts'
import type { FleetInput } from './input.ts'
import { buildJob } from './job.ts'

const namespace = `fleet-${randomBytes(4).toString('hex')}`
let kube: Kube

beforeAll(async () => {
  kube = createKube({ kubeConfig: loadKubeConfig({ file: inject('kubeconfig') }) })
  // The level that the pods are made for.
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' }
  await kube.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
})

afterAll(async () => {
  await kube.delete(resources.namespaces, { name: namespace })
})

/** The children of a fleet in this test's namespace, without their owner: garbage collection would look for it. */
function childrenOf(change: Parameters<typeof anObserved>[0]): ResourceObject[] {
  const observed = anObserved(change)
  if (!observed.connection.ok) throw new Error('this fleet has no connection')
  const { fleet, owner, name, settings, platform } = observed
  const input: FleetInput = { fleet, owner: { ...owner, namespace }, name, settings, platform, connection: observed.connection.connection }
  const children = [...buildFoundations(input, undefined), { resource: resources.jobs, object: buildJob(input) }]
  return children.map(({ resource, object: { metadata: { ownerReferences: _owners, ...metadata }, ...rest } }) => ({ resource, object: { ...rest, metadata } }))
}

test.each<[string, Parameters<typeof anObserved>[0]]>([
  ['the smallest fleet', {}],
  ['a paused one of three shards', { spec: (spec) => Object.assign(spec, { shards: 3, paused: true, seed: 2 }) }],
  ['a recording in a ConfigMap', { spec: (spec) => (spec.devices = { replay: { configMap: { name: 'tape', key: 'day.csv' } } }) }],
  ['a recording on a volume', { spec: (spec) => (spec.devices = { replay: { persistentVolumeClaim: { claimName: 'tapes', path: 'day.csv' } } }) }],
])('the API server takes every child of %s, and fills in nothing that would be written again', async (_, change) => {
  for (const { resource, object } of childrenOf(change)) {
    const live = await kube.apply(resource, withAppliedHash(object), { fieldManager: 'tidewatch-operator' })
    expect([object.kind, isUpToDate(object, live)]).toEqual([object.kind, true])
  }
})

test('a Job takes a pause and its end, and no other template', async () => {
  const jobOf = (change: Parameters<typeof anObserved>[0]) => childrenOf(change).at(-1)?.object
  const [running, paused] = [jobOf({ spec: (spec) => (spec.seed = 5) }), jobOf({ spec: (spec) => Object.assign(spec, { seed: 5, paused: true }) })]
  if (running === undefined || paused === undefined) throw new Error('there is no Job')
  for (const job of [running, paused, running]) {
    const live = await kube.apply(resources.jobs, withAppliedHash(job), { fieldManager: 'tidewatch-operator' })
    expect((live.spec as { suspend: boolean }).suspend).toBe((job.spec as { suspend: boolean }).suspend)
  }
  const other = jobOf({ spec: (spec) => (spec.seed = 6) })
  await expect(kube.apply(resources.jobs, { ...other!, metadata: running.metadata }, { fieldManager: 'tidewatch-operator' })).rejects.toThrow('field is immutable')
})
