import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from './object.ts'
import { ObjectStore, type ObjectChange } from './store.ts'
import { anObject } from './testing/an-object.ts'
import { isOlder } from './version.ts'

const at = (name: string, version: number, { uid = `uid-${name}`, namespace = 'plant', labels = {} }: { uid?: string; namespace?: string; labels?: Record<string, string> } = {}): KubeObject =>
  anObject(name, { metadata: { uid, resourceVersion: String(version), labels } }, undefined, namespace)

const told = (changes: ObjectChange[]) => changes.map(({ key, object, previous }) => [key, previous?.metadata.resourceVersion, object?.metadata.resourceVersion])

function aStore(...objects: KubeObject[]): ObjectStore {
  const store = new ObjectStore()
  store.replace(objects)
  return store
}

test.each<[string, KubeObject[], (store: ObjectStore) => ObjectChange[], unknown[]]>([
  ['new', [], (store) => store.put(at('a', 1)), [['plant/a', undefined, '1']]],
  ['changed', [at('a', 1)], (store) => store.put(at('a', 2)), [['plant/a', '1', '2']]],
  ['the same again', [at('a', 1)], (store) => store.put(at('a', 1)), []],
  ['older than known', [at('a', 10)], (store) => store.put(at('a', 9)), []],
  ['older by number, newer by letters', [at('a', 10)], (store) => store.put(at('a', 9)), []],
  ['deleted', [at('a', 1)], (store) => store.remove(at('a', 2)), [['plant/a', '1', undefined]]],
  ['deleted, never seen', [], (store) => store.remove(at('a', 2)), []],
  ['made anew in between', [at('a', 1)], (store) => store.put(at('a', 5, { uid: 'other' })), [['plant/a', '1', undefined], ['plant/a', undefined, '5']]],
  ['an old one of the same name', [at('a', 5)], (store) => store.put(at('a', 1, { uid: 'older' })), []],
  ['the deletion of an old one of the same name', [at('a', 5)], (store) => store.remove(at('a', 4, { uid: 'older' })), []],
  ['a list with one gone, one new, one changed, one the same', [at('a', 1), at('b', 2), at('c', 3)], (store) => store.replace([at('b', 2), at('c', 4), at('d', 5)]), [['plant/a', '1', undefined], ['plant/c', '3', '4'], ['plant/d', undefined, '5']]],
  ['a list from before: etcd was restored from a backup', [at('a', 9)], (store) => store.replace([at('a', 3)]), [['plant/a', '9', '3']]],
  ['a list with another one of the same name', [at('a', 1)], (store) => store.replace([at('a', 5, { uid: 'other' })]), [['plant/a', '1', undefined], ['plant/a', undefined, '5']]],
])('what is told: %s', (_, before, change, expected) => {
  expect(told(change(aStore(...before)))).toEqual(expected)
})

test('objects are found by key, namespace and label, and no longer where they left', () => {
  const store = aStore(at('a', 1, { labels: { app: 'x' } }), at('b', 2, { labels: { app: 'x' }, namespace: 'other' }), at('c', 3))
  store.put(at('a', 4, { labels: { app: 'y' } }))
  store.remove(at('c', 5))
  expect({
    size: store.size,
    a: store.get('plant/a')?.metadata.resourceVersion,
    gone: store.get('plant/c'),
    plant: store.list('plant').map(({ metadata }) => metadata.name),
    all: store.list().map(({ metadata }) => metadata.name),
    x: store.byLabel('app', 'x').map(({ metadata }) => metadata.name),
    y: store.byLabel('app', 'y').map(({ metadata }) => metadata.name),
    none: [store.byLabel('app', 'z'), store.list('nowhere')],
  }).toEqual({ size: 2, a: '4', gone: undefined, plant: ['a'], all: ['a', 'b'], x: ['b'], y: ['a'], none: [[], []] })
})

test.each([
  ['9', '10', true],
  ['10', '9', false],
  ['10', '10', false],
  ['9007199254740993', '9007199254740994', true],
  ['abc', '10', false],
  ['', '10', false],
])('version %s is older than %s: %s', (a, b, expected) => {
  expect(isOlder(anObject('a', { metadata: { resourceVersion: a } }), anObject('a', { metadata: { resourceVersion: b } }))).toBe(expected)
})

test('the indexes always say what a walk over the objects says, and whoever adds up the changes has the store', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('x', 'y'), { maxKeys: 2 })
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), uid: fc.constantFrom('1', '2'), labels, kind: fc.constantFrom('put', 'remove', 'replace') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = new ObjectStore()
      const sum = new Map<string, KubeObject>()
      steps.forEach(({ name, uid, labels, kind }, version) => {
        const object = at(name, version + 1, { uid, labels })
        const changes = kind === 'put' ? store.put(object) : kind === 'remove' ? store.remove(object) : store.replace([object])
        for (const { key, object, previous } of changes) {
          expect(sum.get(key)).toBe(previous)
          if (object === undefined) sum.delete(key)
          else sum.set(key, object)
        }
        expect(new Set(store.list())).toEqual(new Set(sum.values()))
        expect(new Set(store.list('plant'))).toEqual(new Set(sum.values()))
        for (const value of ['x', 'y']) expect(new Set(store.byLabel('app', value))).toEqual(new Set(store.list().filter(({ metadata }) => metadata.labels?.app === value)))
      })
    }),
    { seed: 4 },
  )
})
