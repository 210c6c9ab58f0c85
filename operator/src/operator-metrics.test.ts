import { Registry } from '@tidewatch/kit'
import { resources, type KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { createConditionGauge, createLeaderGauge } from './operator-metrics.ts'

const linesOf = async (registry: Registry) => (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('a replica waits until it leads', async () => {
  const registry = new Registry()
  const tell = createLeaderGauge(registry, 'tidewatch-operator')
  expect(await linesOf(registry)).toEqual(['leader_election_master_status{name="tidewatch-operator"} 0'])
  tell(true)
  expect(await linesOf(registry)).toEqual(['leader_election_master_status{name="tidewatch-operator"} 1'])
})

test('conditions are told as they are now, and an object that is gone leaves nothing behind', async () => {
  const registry = new Registry()
  const conditions = [{ type: 'Ready', status: 'False' }, { type: 'Stalled', status: 'True' }]
  const pipeline: KubeObject = { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', metadata: { namespace: 'plant', name: 'hvac' }, status: { conditions } }
  let pipelines = [pipeline, { ...pipeline, metadata: { namespace: 'plant', name: 'new' }, status: undefined }]
  createConditionGauge(registry, { listAll: (resource) => (resource === resources.detectionPipelines ? pipelines : []) })
  const line = (type: string, status: string) => `tidewatch_condition{kind="DetectionPipeline",namespace="plant",name="hvac",type="${type}",status="${status}"} 1`
  expect(await linesOf(registry)).toEqual([line('Ready', 'False'), line('Stalled', 'True')])
  pipelines = [{ ...pipeline, status: { conditions: [{ type: 'Ready', status: 'True' }] } }]
  expect(await linesOf(registry)).toEqual([line('Ready', 'True')])
  pipelines = []
  expect(await linesOf(registry)).toEqual([])
})
