import { describe, expect, test } from 'vitest'
import { availableModels, findUnavailable } from './availability.ts'
import { modelNames } from './pipeline/detector.ts'
import { formatPath } from './problems.ts'
import { aFleet, aPipeline } from './testing.ts'

const told = (...arguments_: Parameters<typeof findUnavailable>) => findUnavailable(...arguments_).map(({ path, message }) => `${formatPath(path)}: ${message}`)

test('the smallest manifests are available', () => {
  expect([...told(aPipeline()), ...told(aFleet())]).toEqual([])
})

test('what waits for later work is refused by the name of its field', () => {
  const pipeline = aPipeline((p) => {
    p.spec.paused = true
    p.spec.outputs = { sinks: { mlflow: { trackingUri: 'http://mlflow', experiment: 'x' }, webhooks: [{ url: 'http://hook' }] } }
    p.spec.kafka = { bootstrapServers: 'a:1', tls: {}, authentication: { plain: { username: 'u', passwordSecret: { name: 's', key: 'k' } } } }
  })
  expect(told(pipeline)).toEqual([
    'spec.outputs.sinks.mlflow: not available yet: read the anomalies topic instead',
    'spec.outputs.sinks.webhooks: not available yet: read the anomalies topic instead',
    'spec.paused: not available yet: leave it out, or do not start this pipeline',
    'spec.kafka.tls: not available yet: its certificates lie in Secrets, which need a cluster; use a plaintext listener',
    'spec.kafka.authentication: not available yet: its passwords lie in Secrets, which need a cluster; use a listener without authentication',
  ])
})

test('every threshold, and every rule of what is told of it, is available', () => {
  const pipeline = aPipeline((p) => {
    p.spec.detector = { microClusters: {}, threshold: { quantile: 0.99 }, direction: 'Above', minDeviation: 2, consecutive: 3, suppressFor: '1h' }
  })
  expect(told(pipeline)).toEqual([])
})

describe.each(modelNames.filter((name) => name !== 'ensemble'))('the model %s', (name) => {
  const isAvailable = availableModels.some((available) => available === name)
  const instead = (models: readonly string[]) => `not available yet: write ${models.join(' or ')} instead`
  const asked = { [name]: name === 'autoencoder' ? { model: 'a.onnx' } : {} }

  test.each(['machine', 'cluster'] as const)('alone, on a %s', (where) => {
    const pipeline = aPipeline((p) => (p.spec.detector = asked))
    expect(told(pipeline, { where })).toEqual(isAvailable ? [] : [`spec.detector.${name}: ${instead(availableModels)}`])
  })

  test('as a member of an ensemble', () => {
    const pipeline = aPipeline((p) => (p.spec.detector = { ensemble: { members: [{ microClusters: {} }, asked] } }))
    const singles = (availableModels as readonly string[]).filter((model) => model !== 'ensemble')
    expect(told(pipeline).filter((problem) => problem.includes('members'))).toEqual(isAvailable ? [] : [`spec.detector.ensemble.members[1].${name}: ${instead(singles)}`])
  })
})

test('recordings that lie in a cluster are refused on one machine', () => {
  const fleet = aFleet((f) => {
    f.spec.devices = { replay: { s3: { bucket: 'bucket', key: 'a.parquet' }, format: 'Parquet' } }
  })
  expect(told(fleet)).toEqual([
    'spec.devices.replay.s3: not available yet: write file with a path on this machine instead',
    'spec.devices.replay.format: not available yet: write Csv or JsonLines instead',
  ])
})

describe('on a cluster', () => {
  const where = 'cluster'

  test('Secrets, pod settings and pausing are available', () => {
    const pipeline = aPipeline((p) => {
      p.spec.paused = true
      p.spec.imagePullSecrets = [{ name: 'registry' }]
      p.spec.template = { image: 'example/detector:1', tolerations: [{ operator: 'Exists' }] }
      p.spec.kafka = { clusterRef: { name: 'my-cluster' }, tls: {}, authentication: { scramSha512: { username: 'u', passwordSecret: { name: 's', key: 'k' } } } }
    })
    const fleet = aFleet((f) => {
      f.spec.paused = true
      f.spec.kafka = { bootstrapServers: 'a:1', tls: {} }
    })
    expect([...told(pipeline, { where }), ...told(fleet, { where })]).toEqual([])
  })

  test('sinks that wait for later work stay refused', () => {
    const pipeline = aPipeline((p) => {
      p.spec.outputs = { sinks: { webhooks: [{ url: 'http://hook' }] } }
    })
    expect(told(pipeline, { where })).toEqual([
      'spec.outputs.sinks.webhooks: not available yet: read the anomalies topic instead',
    ])
  })

  test.each([
    [{ configMap: { name: 'recording', key: 'a.csv' } }, []],
    [{ persistentVolumeClaim: { claimName: 'recordings', path: 'a.csv' } }, []],
    [{ file: 'a.csv' }, ['spec.devices.replay.file: a path on your machine means nothing in a pod: put the recording into a ConfigMap (configMap) or on a volume (persistentVolumeClaim)']],
    [{ s3: { bucket: 'bucket', key: 'a.csv' } }, ['spec.devices.replay.s3: not available yet: write configMap or persistentVolumeClaim instead']],
    [{ url: 'http://a/a.csv' }, ['spec.devices.replay.url: not available yet: write configMap or persistentVolumeClaim instead']],
    [{ configMap: { name: 'recording', key: 'a' }, format: 'Parquet' as const }, ['spec.devices.replay.format: not available yet: write Csv or JsonLines instead']],
  ])('a recording %j: %j', (replay, problems) => {
    expect(told(aFleet((f) => (f.spec.devices = { replay })), { where })).toEqual(problems)
  })
})
