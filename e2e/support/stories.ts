import type { DetectionPipelineInput, DeviceFleetInput } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { inject } from 'vitest'
import { eventually } from './eventually.ts'
import type { Kubectl } from './kubectl.ts'
import { conditionOf, type Condition } from './platform.ts'

const apiVersion = 'tidewatch.dev/v1alpha1'

/** What names an object of a story: where it lies, which Kafka and which topic it uses. */
export interface StoryOptions {
  namespace: string
  bootstrap: string
  topic: string
  name?: string
  partitions?: number
}

/** A pipeline with windows of a second of event time; small, so that it starts at once. */
export function aPipeline({ namespace, bootstrap, topic, name = 'hvac', partitions = 4 }: StoryOptions, more: Partial<DetectionPipelineInput['spec']> = {}): DetectionPipelineInput {
  return {
    apiVersion,
    kind: 'DetectionPipeline',
    metadata: { name, namespace },
    spec: {
      kafka: { bootstrapServers: bootstrap },
      source: { topic: { name: topic, partitions }, preset: 'SensorReading' },
      window: { tumbling: { size: '1s' }, allowedLateness: '1s', idleTimeout: '2s' },
      detector: { robustZScore: {} },
      outputs: { anomalies: { topic: `${topic}-anomalies` }, deadLetters: { topic: `${topic}-dead-letters` } },
      delivery: 'AtLeastOnce',
      template: { resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
      ...more,
    },
  }
}

/** A fleet of sensors that send for ever, ten readings a second each. */
export function aFleet({ namespace, bootstrap, topic, name = 'hvac', partitions = 4 }: StoryOptions, more: Partial<DeviceFleetInput['spec']> = {}): DeviceFleetInput {
  return {
    apiVersion,
    kind: 'DeviceFleet',
    metadata: { name, namespace },
    spec: {
      kafka: { bootstrapServers: bootstrap },
      topic: { name: topic, partitions },
      format: { preset: 'SensorReading' },
      devices: { count: 12 },
      profiles: [{ name: 'sensor', signals: [{ name: 'temperature', base: 20, amplitude: 1, noise: 0.2 }] }],
      rate: 10,
      template: { resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
      ...more,
    },
  }
}

/** Waits until a condition is as it should be, for the present generation of the object. */
export async function waitForCondition(
  cluster: Kubectl,
  kind: 'detectionpipeline' | 'devicefleet',
  { namespace, name }: { namespace: string; name: string },
  expected: { type: string; status?: string; reason?: string },
  timeoutMs = 90_000,
): Promise<Condition> {
  const what = `${kind} ${name} has ${expected.type}=${expected.status ?? 'any'}, ${expected.reason ?? 'any reason'}`
  const isSo = (object: KubeObject | undefined) => {
    const found = conditionOf(object, expected.type)
    if (found === undefined || object === undefined) return false
    const isCurrent = found.observedGeneration === undefined || found.observedGeneration === object.metadata.generation
    return isCurrent && (expected.status ?? found.status) === found.status && (expected.reason ?? found.reason) === found.reason
  }
  const object = await eventually(what, () => cluster.read(kind, name, namespace), isSo, { timeoutMs, everyMs: 1_000 }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${await describeNamespace(cluster, namespace)}`, { cause: error })
  })
  return conditionOf(object, expected.type)!
}

/** What somebody who looks into a failure would ask for first. */
export async function describeNamespace(cluster: Kubectl, namespace: string): Promise<string> {
  const ask = (args: string[]) => cluster.run([...args, '-n', namespace]).catch(String)
  const pods = await ask(['get', 'pods,deployments,jobs,hpa', '-o', 'wide'])
  const events = await ask(['get', 'events', '--sort-by=.lastTimestamp'])
  const logs = await ask(['logs', '-l', 'app.kubernetes.io/part-of=tidewatch', '--tail=15', '--prefix'])
  const operator = await cluster.run(['logs', '-n', inject('platform').operatorNamespace, '-l', 'app.kubernetes.io/component=operator', '--tail=25', '--prefix']).catch(String)
  return [pods, events.split('\n').slice(-15).join('\n'), logs, operator].join('\n')
}

/** Name -> uid of every pod of a pipeline or fleet that is not on its way out. */
export async function readPodUids(cluster: Kubectl, namespace: string, component: 'detector' | 'simulator', owner: string): Promise<Record<string, string>> {
  const pods = await cluster.list('pods', namespace, `app.kubernetes.io/component=${component},app.kubernetes.io/instance=${owner}`)
  return Object.fromEntries(pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => [metadata.name, metadata.uid ?? '']))
}
