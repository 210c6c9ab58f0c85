import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areEqualQuantities, parseQuantity } from './quantity.ts'
import { isSatisfiedBy } from './satisfied.ts'

test.each<[string, unknown, unknown, boolean]>([
  ['the server\'s defaults beside ours are passed over', { spec: { ports: [{ name: 'a', port: 1 }] } }, { spec: { type: 'ClusterIP', ports: [{ name: 'a', port: 1, protocol: 'TCP' }] } }, true],
  ['a field with another value is drift', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, false],
  ['a field that is missing is drift', { data: { a: '1', b: '2' } }, { data: { a: '1' } }, false],
  ['false is not satisfied by nothing', { automountServiceAccountToken: false }, {}, false],
  ['0 is not satisfied by nothing', { replicas: 0 }, {}, false],
  ['an empty map is satisfied by nothing', { labels: {}, items: [], value: '' }, {}, true],
  ['an empty list is not satisfied by a list with something in it', { ingress: [] }, { ingress: [{}] }, false],
  ['null asks for nothing to be there', { a: null }, {}, true],
  ['null is not satisfied by a value', { a: null }, { a: 1 }, false],
  ['undefined asks for nothing', { a: undefined }, { a: 1 }, true],
  ['another container beside ours is somebody else\'s', { containers: [{ name: 'b' }] }, { containers: [{ name: 'a' }, { name: 'b', image: 'x' }] }, true],
  ['a container of ours that is gone is drift', { containers: [{ name: 'b' }] }, { containers: [{ name: 'a' }] }, false],
  ['plain lists keep their order', { args: ['a', 'b'] }, { args: ['b', 'a'] }, false],
  ['plain lists keep their length', { args: ['a'] }, { args: ['a', 'b'] }, false],
  ['plain lists of maps are compared one by one', { metrics: [{ type: 'External' }] }, { metrics: [{ type: 'External', more: 1 }] }, true],
  ['finalizers are a set', { finalizers: ['a'] }, { finalizers: ['b', 'a'] }, true],
  ['what every object inherits is no field', { toString: {}, a: { constructor: 'x' } }, { a: {} }, false],
  ['a list is no map', { a: [1] }, { a: { 0: 1 } }, false],
  ['a map is no list', { a: { 0: 1 } }, { a: [1] }, false],
  ['quantities of resources are numbers', { resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: 1 } } }, { resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1' } } }, true],
  ['quantities that differ are drift', { resources: { requests: { cpu: '0.5' } } }, { resources: { requests: { cpu: '501m' } } }, false],
  ['the targets of an autoscaler are quantities', { target: { type: 'Value', value: '30' } }, { target: { type: 'Value', value: '30000m' } }, true],
  ['the value of a variable is a text', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '1000m' }] }, false],
])('%s', (_name, desired, live, satisfied) => {
  expect(isSatisfiedBy(desired, live)).toBe(satisfied)
})

test('every JSON value is satisfied by itself and by itself with more', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      // Not by structuredClone, which makes a prototype of a member called __proto__.
      const copy = () => JSON.parse(JSON.stringify(value)) as Record<string, unknown>
      const wire = copy()
      expect(isSatisfiedBy(wire, copy())).toBe(true)
      expect(isSatisfiedBy(wire, { ...copy(), 'more of it': 1 })).toBe('more of it' in wire ? wire['more of it'] === 1 : true)
    }),
  )
})

test.each<[unknown, number | undefined]>([
  ['1', 1], ['1000m', 1], ['0.5', 0.5], ['500m', 0.5], ['1Gi', 2 ** 30], ['1G', 1e9], ['1e3', 1000], ['1E3', 1000], ['2E', 2e18], ['-5', -5], ['.5', 0.5], [3, 3], ['5.', 5],
  ['', undefined], ['1 Gi', undefined], ['Gi', undefined], ['1GB', undefined], [true, undefined], [undefined, undefined],
])('the quantity %s is %s', (text, number) => {
  expect(parseQuantity(text)).toBe(number)
})

test.each([['100n', '0.0000001', true], ['1', 'x', false], ['0', '0', true], ['1Ki', '1k', false]])('%s and %s are equal: %s', (a, b, equal) => {
  expect(areEqualQuantities(a, b)).toBe(equal)
})
