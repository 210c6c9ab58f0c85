import { parseManifest, type DeviceFleet, type DeviceFleetInput } from '@tidewatch/api'
import { fleetDocument } from '@tidewatch/api/testing'
import type { KubeObject } from '@tidewatch/kube'
import { resolveConnection } from '../../kafka/resolve-connection.ts'
import { platform, settings } from '../../pipeline/testing/an-observed.ts'
import { buildJob } from '../desired/job.ts'
import type { ObservedFleet } from '../observed.ts'
import { listTopics } from '../topics.ts'

const uid = '99999999-2222-3333-4444-555555555555'

type Change = { spec?: (spec: DeviceFleetInput['spec']) => void; status?: object } & Partial<Omit<ObservedFleet, 'kind' | 'fleet'>> & { cluster?: KubeObject }

/** A fleet whose topic is there and whose Job was not made yet. Changed as asked. */
export function anObserved({ spec, status, cluster, ...changes }: Change = {}): ObservedFleet {
  const document = fleetDocument((manifest) => {
    manifest.metadata = { name: 'hvac', namespace: 'plant', uid, ...{ generation: 3 } }
    spec?.(manifest.spec)
  })
  const parsed = parseManifest(document)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const fleet = parsed.manifest as DeviceFleet
  const surroundings = { ...platform, ...changes.platform }
  return {
    kind: 'Observed',
    object: { ...(document as unknown as KubeObject), ...(status === undefined ? {} : { status }) },
    fleet,
    owner: { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DeviceFleet', name: 'hvac', namespace: 'plant', uid },
    name: 'hvac-simulator',
    settings,
    platform: surroundings,
    isLeftAlone: false,
    connection: resolveConnection(fleet.spec.kafka, { hasStrimzi: surroundings.strimziVersion !== undefined, cluster, userName: 'hvac-simulator' }),
    credentials: undefined,
    recording: undefined,
    topics: { kind: 'Known', topics: Object.fromEntries(listTopics(fleet).map(({ name, partitions, config }) => [name, { partitions, config }])) },
    claims: {},
    kafkaTopics: [],
    kafkaUser: undefined,
    jobs: [],
    pods: [],
    owned: [],
    telemetry: undefined,
    ...changes,
  }
}

/** The Job as it is asked for. */
export function wantedJob({ fleet, owner, name, connection, settings: images, platform: surroundings }: ObservedFleet): KubeObject {
  if (!connection.ok) throw new Error('this fleet has no connection')
  return buildJob({ fleet, owner, name, connection: connection.connection, settings: images, platform: surroundings })
}

export const completed = (job: KubeObject): KubeObject => ({ ...job, status: { conditions: [{ type: 'Complete', status: 'True' }], completionTime: '2026-01-02T12:00:00Z', succeeded: 1 } })
export const failed = (job: KubeObject): KubeObject => ({ ...job, status: { conditions: [{ type: 'Failed', status: 'True', reason: 'FailedIndexes', message: 'Job has failed indexes' }] } })
export const running = (job: KubeObject, ready = 1): KubeObject => ({ ...job, status: { active: ready, ready } })

/** A pod of a Job. */
export function aPod(job: KubeObject, shard: number, phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' = 'Running', message?: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${job.metadata.name}-${shard}-abcde`,
      namespace: 'plant',
      labels: { ...job.metadata.labels, 'batch.kubernetes.io/job-name': job.metadata.name },
      annotations: { 'batch.kubernetes.io/job-completion-index': String(shard) },
    },
    status: { phase, containerStatuses: message === undefined ? [] : [{ state: { terminated: { exitCode: phase === 'Failed' ? 1 : 0, message } } }] },
  }
}
