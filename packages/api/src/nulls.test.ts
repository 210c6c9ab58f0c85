import { expect, test } from 'vitest'
import { parseManifest } from './manifest.ts'
import { formatPath } from './problems.ts'
import { fleetDocument, pipelineDocument } from './testing.ts'

const problemsOf = (document: unknown): string[] => {
  const parsed = parseManifest(document)
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`)
}

test.each<[string, object, string[]]>([
  ['a field with a default is as if it were absent', { features: null, scaling: null, template: { env: null } }, []],
  ['an optional field is as if it were absent', { scaling: { maxReplicas: null }, outputs: { scores: null } }, []],
  ['a required field is missing', { window: null }, ['spec.window: is required: write an object with fields']],
  ['a model with nothing behind its colon is not there', { detector: { microClusters: null } }, [expect.stringContaining('spec.detector: write exactly one of microClusters')]],
  ['a field that nobody knows stays one', { speed: null }, [expect.stringContaining('spec.speed: is not a field here')]],
  ['an entry of a list is refused', { features: ['mean', null] }, [expect.stringContaining('spec.features[1]: must be')]],
  ['what is kept as it is may hold null', { template: { affinity: { nodeAffinity: null } } }, []],
])('null: %s', (_, change, problems) => {
  expect(problemsOf(pipelineDocument((pipeline) => Object.assign(pipeline.spec, change)))).toEqual(problems)
})

test('a whole number is a quantity as well', () => {
  const parsed = parseManifest(fleetDocument((fleet) => (fleet.spec.template = { resources: { limits: { cpu: 2, memory: '1Gi' } } })))
  expect(parsed).toMatchObject({ ok: true, manifest: { spec: { template: { resources: { limits: { cpu: '2', memory: '1Gi' } } } } } })
})

test.each([
  [true, 'must be a number or a text (in quotes where it looks like a number)'],
  ['plenty', 'is not a quantity: write, for example, "512Mi" or "250m"'],
  [-1, 'must be at least 0'],
])('%j is not a quantity', (cpu, message) => {
  expect(problemsOf(fleetDocument((fleet) => Object.assign(fleet.spec, { template: { resources: { limits: { cpu } } } })))).toEqual([`spec.template.resources.limits.cpu: ${message}`])
})
