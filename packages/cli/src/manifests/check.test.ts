import { describe, expect, test } from 'vitest'
import { fleetText, pipelineText } from '../testing/manifests.ts'
import { checkManifests, type ManifestText } from './check.ts'
import { formatDiagnostic } from './diagnostic.ts'

const check = (...texts: ManifestText[]) => {
  const { manifests, diagnostics } = checkManifests(texts, 'warning')
  return { names: manifests.map(({ manifest }) => `${manifest.kind} ${manifest.metadata.name}`), lines: diagnostics.map((one) => formatDiagnostic(one)) }
}
const inFile = (text: string, file = 'hvac.yaml'): ManifestText => ({ file, text })

test('a pipeline and a fleet in one file are two valid manifests', () => {
  expect(check(inFile(`${pipelineText()}---\n${fleetText()}`))).toEqual({ names: ['DetectionPipeline hvac', 'DeviceFleet hvac'], lines: [] })
})

test('a manifest with three mistakes gives three lines, each at its place', () => {
  const text = pipelineText({ 'partitions: 4 }': 'partitons: 4 }', 'slide: 10s': 'slide: 25s', '    microClusters: {}': '    scope: Device' })
  expect(check(inFile(text))).toEqual({
    names: [],
    lines: [
      'hvac.yaml:9:30: error: spec.source.topic.partitons: is not a field here: did you mean "partitions"?',
      'hvac.yaml:14:14: error: spec.window.sliding.slide: the slide does not divide the size: write, for example, size "60s" and slide "10s"',
      'hvac.yaml:15:3: error: spec.detector: write exactly one of microClusters, randomCutForest, halfSpaceTrees, robustZScore, seasonal, subspace, discord, autoencoder, ensemble',
    ],
  })
})

test.each([
  ['a missing field is reported at its parent', { '  topic: { name: readings, partitions: 4 }\n': '' }, 'hvac.yaml:5:1: error: spec.topic: is required: write an object with fields'],
  ['a wrong value is reported where it stands', { 'base: 20': 'base: warm' }, 'hvac.yaml:13:44: error: spec.profiles[0].signals[0].base: must be a number, not string'],
  ['a field of the wrong kind is reported at its key', { 'profiles:\n    - name: sensor\n      signals: [{ name: temperature, base: 20 }]': 'profiles:\n    name: sensor' }, 'hvac.yaml:11:3: error: spec.profiles: must be a list, not object'],
])('%s', (_, replace, line) => {
  expect(check(inFile(fleetText(replace))).lines).toEqual(expect.arrayContaining([line]))
})

test('a field that is not available yet is a warning to look at, and an error to run', () => {
  const text = pipelineText({ 'delivery: AtLeastOnce': 'outputs: { sinks: { webhooks: [{ url: "https://example.org" }] } }' })
  expect(check(inFile(text)).lines).toEqual([
    'hvac.yaml:17:33: warning: spec.outputs.sinks.webhooks: not available yet: read the anomalies topic instead',
  ])
  expect(checkManifests([inFile(text)], 'error').diagnostics.map(({ severity }) => severity)).toEqual(['error'])
})

describe('two manifests of one kind and name', () => {
  test('are refused, and the first one is pointed at', () => {
    expect(check(inFile(pipelineText()), inFile(pipelineText(), 'other.yaml')).lines).toEqual([
      'other.yaml:4:9: error: metadata.name: there is a DetectionPipeline named "hvac" already, at hvac.yaml:4: write another name',
    ])
  })

  test('are fine in two namespaces', () => {
    expect(check(inFile(pipelineText()), inFile(pipelineText({ '  name: hvac\n': '  name: hvac\n  namespace: floor-2\n' }), 'other.yaml')).lines).toEqual([])
  })
})

describe('two pipelines with one topic for their checkpoints', () => {
  const other = (topic: string, more: Record<string, string> = {}) => inFile(pipelineText({ 'name: hvac\n': 'name: other\n', 'delivery: AtLeastOnce\n': `checkpoint: { topic: ${topic} }\n`, ...more }), 'other.yaml')
  const refused = 'the DetectionPipeline "hvac" keeps its checkpoints in topic hvac-state, and two would destroy each other\'s: name another one, or leave it out'

  test('are refused, whoever of them wrote its name', () => {
    expect(check(inFile(pipelineText()), other('hvac-state')).lines).toEqual([`other.yaml:17:24: error: spec.checkpoint.topic: ${refused}`])
    expect(check(other('hvac-state'), inFile(pipelineText())).lines).toEqual([`hvac.yaml:4:9: error: metadata.name: ${refused.replace('"hvac"', '"other"')}`])
  })

  test('are fine with two topics, or in two Kafkas', () => {
    expect(check(inFile(pipelineText()), other('mine'), other('hvac-state', { 'clusterRef: { name: my-cluster }': 'bootstrapServers: kafka:9092', 'name: hvac\n': 'name: third\n' })).lines).toEqual([])
  })
})

test.each([
  ['a bracket that is not closed', 'spec: [1\n---\n', 'hvac.yaml:2:1: error: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['a key written twice', '{"kind": "x", "kind": "y"}', 'hvac.yaml:1:15: error: not YAML: Map keys must be unique'],
  ['a list', '- a\n', 'hvac.yaml:1:1: error: is not a manifest: write an object with apiVersion, kind, metadata and spec'],
  ['nothing', '# empty\n', 'hvac.yaml: error: holds no manifest: write apiVersion, kind, metadata and spec'],
  ['an alias bomb', 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n', 'hvac.yaml:1:1: error: not YAML: Excessive alias count indicates a resource exhaustion attack'],
])('%s is one line', (_, text, line) => {
  expect(check(inFile(text)).lines).toEqual([line])
})

test('a syntax error in one document does not hide those of another', () => {
  expect(check(inFile(`a: {\n---\n${pipelineText({ 'slide: 10s': 'slide: 7s' })}`)).lines).toHaveLength(2)
})

test('JSON is read as well', () => {
  expect(check(inFile('{"apiVersion": "tidewatch.dev/v1alpha1",\n "kind": "DeviceFlet"}', 'fleet.json')).lines).toEqual([
    'fleet.json:2:10: error: kind: must be DetectionPipeline or DeviceFleet',
  ])
})
