import { expect, test } from 'vitest'
import { findUnavailable } from './availability.ts'
import { formatPath } from './problems.ts'
import { aFleet, aPipeline } from './testing.ts'

const told = (manifest: Parameters<typeof findUnavailable>[0]) => findUnavailable(manifest).map(({ path, message }) => `${formatPath(path)}: ${message}`)

test('the smallest manifests are available', () => {
  expect([...told(aPipeline()), ...told(aFleet())]).toEqual([])
})

test('what waits for later work is refused by the name of its field', () => {
  const pipeline = aPipeline((p) => {
    delete p.spec.delivery
    p.spec.checkpoint = { interval: '5s' }
    p.spec.paused = true
    p.spec.detector = { seasonal: {}, threshold: { quantile: 0.99 }, direction: 'Above', minDeviation: 2 }
    p.spec.outputs = { sinks: { mlflow: { trackingUri: 'http://mlflow', experiment: 'x' }, webhooks: [{ url: 'http://hook' }] } }
    p.spec.kafka = { bootstrapServers: 'a:1', tls: {}, authentication: { plain: { username: 'u', passwordSecret: { name: 's', key: 'k' } } } }
  })
  expect(told(pipeline)).toEqual([
    'spec.detector.seasonal: not available yet: write microClusters or robustZScore instead',
    'spec.detector.threshold.quantile: not available yet: write score or falseAlarmRate instead',
    'spec.detector.direction: not available yet: write Both, or leave it out',
    'spec.detector.minDeviation: not available yet: leave it out',
    'spec.delivery: not available yet: ExactlyOnce (the default) waits for checkpoints; write "delivery: AtLeastOnce"',
    'spec.checkpoint: not available yet: leave it out',
    'spec.outputs.sinks.mlflow: not available yet: read the anomalies topic instead',
    'spec.outputs.sinks.webhooks: not available yet: read the anomalies topic instead',
    'spec.paused: not available yet: leave it out, or do not start this pipeline',
    'spec.kafka.tls: not available yet: its certificates lie in Secrets, which need a cluster; use a plaintext listener',
    'spec.kafka.authentication: not available yet: its passwords lie in Secrets, which need a cluster; use a listener without authentication',
  ])
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
