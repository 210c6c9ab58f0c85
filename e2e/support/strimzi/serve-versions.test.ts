import { expect, test } from 'vitest'
import { serveVersions, type StrimziVersions } from './serve-versions.ts'

const schema = { openAPIV3Schema: { type: 'object' } }
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'kafkatopics.kafka.strimzi.io' },
  spec: { group: 'kafka.strimzi.io', versions: [{ name: 'v1', served: true, storage: false, schema }, { name: 'v1beta2', served: true, storage: true, schema }] },
}
const v1 = { name: 'v1', served: true, schema: { openAPIV3Schema: { type: 'object', required: ['spec'] } } }
const v1beta2 = { name: 'v1beta2', served: true, schema }

test.each<[StrimziVersions, object[]]>([
  ['v1beta2', [{ ...v1beta2, storage: true }]],
  ['v1+v1beta2', [{ ...v1, storage: false }, { ...v1beta2, storage: true }]],
  ['v1', [{ ...v1, storage: true }]],
])('of %s one version stores, and v1 asks for a spec', (versions, expected) => {
  expect(serveVersions(definition, versions)).toEqual({ ...definition, spec: { ...definition.spec, versions: expected } })
})
