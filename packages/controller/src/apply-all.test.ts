import { FakeKube } from '@tidewatch/kube/testing'
import { resources, type KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { applyAll, isUpToDate, parseConflictFields, withAppliedHash } from './apply-all.ts'
import { addFinalizer, removeFinalizer } from './finalizer.ts'
import { writeStatus } from './status-writer.ts'

const configMap = (name: string, data: Record<string, string>): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns' }, data })
const desired = ['a', 'b', 'c'].map((name) => ({ resource: resources.configMaps, object: configMap(name, { key: name }) }))

async function run(kube: FakeKube, list = desired): Promise<string[]> {
  const found = await Promise.all(list.map(({ resource, object }) => kube.read(resource, { namespace: 'ns', name: object.metadata.name })))
  const outcomes = await applyAll({ kube, fieldManager: 'test', desired: list, live: (_resource, { name }) => found.find((object) => object?.metadata.name === name) })
  return outcomes.map(({ name, result }) => `${name.name} ${result}`)
}

test('the second run makes no write at all', async () => {
  const kube = new FakeKube()
  expect(await run(kube)).toEqual(['a Applied', 'b Applied', 'c Applied'])
  const writes = kube.writes.length
  expect(await run(kube)).toEqual(['a Unchanged', 'b Unchanged', 'c Unchanged'])
  expect(kube.writes).toHaveLength(writes)
})

test('one that was deleted comes back, and the others are left alone', async () => {
  const kube = new FakeKube()
  await run(kube)
  await kube.delete(resources.configMaps, { namespace: 'ns', name: 'b' })
  expect(await run(kube)).toEqual(['a Unchanged', 'b Applied', 'c Unchanged'])
})

test('a finalizer and a status cost one write each, and none when they are there', async () => {
  const kube = new FakeKube()
  await run(kube)
  const object = async () => (await kube.read(resources.configMaps, { namespace: 'ns', name: 'a' }))!
  const finalize = async () => ({ kube, resource: resources.configMaps, object: await object(), finalizer: 'tidewatch.dev/cleanup', fieldManager: 'test-finalizer' })
  expect([await addFinalizer(await finalize()), await addFinalizer(await finalize())]).toEqual([true, false])
  expect((await object()).metadata.finalizers).toEqual(['tidewatch.dev/cleanup'])
  expect([await removeFinalizer(await finalize()), await removeFinalizer(await finalize())]).toEqual([true, false])
  const write = async () => writeStatus({ kube, resource: resources.configMaps, live: await object(), status: { phase: 'Ready', note: undefined }, fieldManager: 'test-status' })
  expect([await write(), await write()]).toEqual([true, false])
})

test('an object is up to date with its hash and its fields, not with one of them alone', () => {
  const object = configMap('a', { key: '1' })
  const live = withAppliedHash(object)
  expect(isUpToDate(object, live)).toBe(true)
  expect(isUpToDate(object, undefined)).toBe(false)
  expect(isUpToDate(object, { ...live, data: { key: '2' } })).toBe(false)
  expect(isUpToDate(object, withAppliedHash(configMap('a', { key: '1', old: '1' })))).toBe(false)
  expect(isUpToDate(object, object)).toBe(false)
})

test.each([
  ['Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas', ['.spec.replicas']],
  ['Deployment ns/a: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas', ['.spec.replicas']],
  ['Apply failed with 2 conflicts: conflicts with "kubectl" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="a"].image', ['.spec.replicas', '.spec.template.spec.containers[name="a"].image']],
  ['Apply failed with 2 conflicts: conflicts with "one" using v1:\n- .data.a\nconflicts with "two" using v1:\n- .data.config.json', ['.data.a', '.data.config.json']],
  ['the object has been modified', []],
])('the fields in conflict of: %s', (message, fields) => {
  expect(parseConflictFields(message)).toEqual(fields)
})
