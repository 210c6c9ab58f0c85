import { createLogger, FakeClock } from '@tidewatch/kit'
import { Forbidden, KubeUnreachable, resources, type OwnerReference } from '@tidewatch/kube'
import { FakeKube } from '@tidewatch/kube/testing'
import { expect, test } from 'vitest'
import { createInstallationOwner, isOwnedBy } from './installation-owner.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'tidewatch-tidewatch' }, rules: [] }
const open = (clusterRole?: string) => {
  const kube = new FakeKube({ clock: new FakeClock(0) })
  return { kube, owner: createInstallationOwner({ kube, clusterRole, log }) }
}

test('the owner is the ClusterRole as it is now', async () => {
  const { kube, owner } = open('tidewatch-tidewatch')
  expect(await owner.read()).toBeUndefined()
  const { metadata: { uid } } = await kube.create(resources.clusterRoles, role)
  expect(await owner.read()).toEqual({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'tidewatch-tidewatch', uid })
  await kube.delete(resources.clusterRoles, { name: 'tidewatch-tidewatch' })
  const again = await kube.create(resources.clusterRoles, role)
  expect([(await owner.read())?.uid === again.metadata.uid, again.metadata.uid === uid]).toEqual([true, false])
})

test('without a name there is none', async () => {
  expect(await open().owner.read()).toBeUndefined()
})

test('a role that may not be read is none; an API server that gives no answer is an error', async () => {
  const { kube } = open()
  const failing = (error: Error) => createInstallationOwner({ kube: Object.assign(Object.create(kube) as FakeKube, { read: () => Promise.reject(error) }), clusterRole: 'r', log })
  expect(await failing(new Forbidden('no')).read()).toBeUndefined()
  await expect(failing(new KubeUnreachable('gone')).read()).rejects.toThrow('gone')
})

test('where the API server refuses the owner, it is written without one from then on', async () => {
  const { kube, owner } = open('tidewatch-tidewatch')
  await kube.create(resources.clusterRoles, role)
  const write = (reference: OwnerReference | undefined) => (reference === undefined ? Promise.resolve('written') : Promise.reject(new Forbidden('cannot set an ownerRef on a resource you can\'t delete')))
  expect(await owner.write(await owner.read(), write)).toBe('written')
  expect(await owner.read()).toBeUndefined()
  await expect(owner.write(undefined, () => Promise.reject(new Forbidden('no')))).rejects.toThrow('no')
})

test('an object of another owner, or of none, is not owned', () => {
  const reference = { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'a' }
  const object = (uid?: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', ...(uid === undefined ? {} : { ownerReferences: [{ ...reference, uid }] }) } })
  expect([isOwnedBy(object('a'), reference), isOwnedBy(object('b'), reference), isOwnedBy(object(), reference), isOwnedBy(object(), undefined)]).toEqual([true, false, false, true])
})
