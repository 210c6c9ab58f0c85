import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildPath, buildQuery } from './address.ts'
import { parseJsonLines } from './json-lines.ts'
import { resources } from './resource.ts'

async function* streamOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk
}

async function collect(...chunks: Uint8Array[]): Promise<unknown[]> {
  const values = []
  for await (const value of parseJsonLines(streamOf(...chunks))) values.push(value)
  return values
}

test('any values arrive whole, wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 12 }), async (values, cuts) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
      expect(await collect(...chunks)).toEqual(JSON.parse(JSON.stringify(values)))
    }),
    { seed: 4 },
  )
})

test('empty lines say nothing', async () => {
  expect(await collect(Buffer.from('\n1\n \r\n2\n'))).toEqual([1, 2])
})

test.each([
  ['an end in mid line', '1\n{"type":"ADD', 'the answer ended in the middle of a line, after "{"type":"ADD"'],
  ['a line that is no JSON', '<html>\n', 'Unexpected token'],
])('%s is an error', async (_, text, message) => {
  await expect(collect(Buffer.from(text))).rejects.toThrow(message)
})

test('a line without an end is given up before it fills the memory', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  await expect(collect(...Array.from({ length: 33 }, () => chunk))).rejects.toThrow('a line is longer than 33554432 bytes')
})

test.each([
  [resources.configMaps, { namespace: 'plant' }, undefined, '/api/v1/namespaces/plant/configmaps'],
  [resources.configMaps, {}, undefined, '/api/v1/configmaps'],
  [resources.deployments, { namespace: 'plant', name: 'a' }, undefined, '/apis/apps/v1/namespaces/plant/deployments/a'],
  [resources.detectionPipelines, { namespace: 'plant', name: 'a' }, 'status' as const, '/apis/tidewatch.dev/v1alpha1/namespaces/plant/detectionpipelines/a/status'],
  [resources.apiServices, { namespace: 'ignored', name: 'v1.a' }, undefined, '/apis/apiregistration.k8s.io/v1/apiservices/v1.a'],
  [resources.configMaps, { namespace: 'a/../b', name: 'c?d' }, undefined, '/api/v1/namespaces/a%2F..%2Fb/configmaps/c%3Fd'],
])('an address: %#', (resource, name, subresource, expected) => {
  expect(buildPath(resource, name, subresource)).toBe(expected)
})

test('a query leaves out what is not said', () => {
  expect([buildQuery({ a: 1, b: undefined, c: '', d: true, e: 'x=y,z' }), buildQuery({})]).toEqual(['?a=1&d=true&e=x%3Dy%2Cz', ''])
})
