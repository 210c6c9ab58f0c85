import { interruptedSimulatorExitCode } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { hashOf } from '../../shared/hash.ts'
import { buildPodTemplate, configHashOf } from '../../shared/pod.ts'
import { resolveConfig } from './config-map.ts'
import { buildMetadata, type FleetInput } from './input.ts'
import { buildRecordingMount } from './recording.ts'

/** What the manifest asked for when a Job was made: a finished Job runs again only when this changes. */
export const specHashAnnotation = 'tidewatch.dev/spec-hash'
export const shardAnnotation = 'batch.kubernetes.io/job-completion-index'

/** Time to send what is in flight and write the report. */
const terminationGracePeriodSeconds = 30
/** A shard that fails begins anew; more often than this, on average, it is not Kafka's restart but the fleet itself. */
const failuresOfShard = 3
/** The pods of an Indexed Job are called `<job>-<shard>`, with up to four more characters, and a host name holds 63. */
const mostNameLength = 58

/** The hash of everything but the pause. */
export function specHashOf({ fleet }: Pick<FleetInput, 'fleet'>): string {
  const { paused: _paused, ...spec } = fleet.spec
  return hashOf(spec)
}

/**
 * One Indexed Job: a pod for each shard, which knows its number by its annotation. Its template cannot change, so its name
 * holds the template's hash: a changed fleet is another Job. Without `ttlSecondsAfterFinished`: when the Job went, nobody could
 * tell any more that the fleet has sent everything.
 */
export function buildJob(input: FleetInput): KubeObject {
  const { fleet, owner, name } = input
  const { shards, paused } = fleet.spec
  const spec = {
    completionMode: 'Indexed',
    completions: shards,
    parallelism: shards,
    // Not `backoffLimitPerIndex`: with it a pod that has ended keeps its finalizer until the next one is made, which in a namespace
    // that is being deleted never is, and the namespace waits for the pod (KEP-3850 against ordered namespace deletion).
    backoffLimit: failuresOfShard * shards,
    // Neither a pod that a node's drain took down nor one that was told to stop has failed.
    podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { action: 'Ignore', onExitCodes: { operator: 'In', values: [interruptedSimulatorExitCode] } }] },
    template: buildTemplate(input),
  }
  const metadata = buildMetadata({ owner, name })
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name: nameJob(name, hashOf({ owner: owner.name, spec })), annotations: { [specHashAnnotation]: specHashOf(input) } },
    spec: { ...spec, suspend: paused },
  }
}

function nameJob(name: string, hash: string): string {
  return `${name.slice(0, mostNameLength - hash.length - 1).replace(/-+$/, '')}-${hash}`
}

interface PodSpec {
  containers: { volumeMounts: unknown[] }[]
  volumes: unknown[]
}

function buildTemplate(input: FleetInput): { metadata: object; spec: object } {
  const { fleet, owner, name, connection, settings } = input
  const template = buildPodTemplate({
    component: 'simulator',
    owner: owner.name,
    image: settings.simulatorImage,
    imagePullPolicy: settings.imagePullPolicy,
    template: fleet.spec.template,
    imagePullSecrets: [],
    configMapName: name,
    serviceAccountName: name,
    connection,
    configHash: configHashOf(resolveConfig(input)),
    env: [
      { name: 'TIDEWATCH_SHARD', valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${shardAnnotation}']` } } },
      // The kubelet keeps what is written there: the exact counts of a shard, when its pod has long ended.
      { name: 'TIDEWATCH_REPORT_FILE', value: '/dev/termination-log' },
    ],
    terminationGracePeriodSeconds,
    // A policy for failures needs it; the Job makes the next pod.
    restartPolicy: 'Never',
  })
  const mount = buildRecordingMount(fleet.spec.devices.replay)
  if (mount === undefined) return template
  const pod = template.spec as PodSpec
  return {
    ...template,
    spec: {
      ...pod,
      containers: pod.containers.map((container) => ({ ...container, volumeMounts: [...container.volumeMounts, mount.volumeMount] })),
      volumes: [...pod.volumes, mount.volume],
    },
  }
}
