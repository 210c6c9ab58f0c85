import type { KubeObject } from '@tidewatch/kube'
import { describe, expect, test } from 'vitest'
import { anObserved, wantedJob } from '../testing/an-observed.ts'
import { buildConfigMap } from './config-map.ts'

interface Pod {
  volumes: { name: string }[]
  containers: [{ env: unknown[]; volumeMounts: unknown[] }]
}
type Job = KubeObject & { spec: { ttlSecondsAfterFinished?: number; suspend: boolean; template: { spec: Pod } } }
type Change = NonNullable<Parameters<typeof anObserved>[0]>
const jobOf = (change: Change = {}) => wantedJob(anObserved(change)) as Job

test('one pod for each shard, which knows its number and leaves a report', () => {
  const job = jobOf({ spec: (spec) => (spec.shards = 3) })
  expect(job.metadata.name).toMatch(/^hvac-simulator-[0-9a-z]{11}$/)
  expect(job.spec).toMatchObject({
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    backoffLimit: 9,
    suspend: false,
    podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { action: 'Ignore', onExitCodes: { operator: 'In', values: [143] } }] },
    template: { spec: { restartPolicy: 'Never', automountServiceAccountToken: false, serviceAccountName: 'hvac-simulator' } },
  })
  expect(job.spec.ttlSecondsAfterFinished).toBeUndefined()
  expect(job.spec.template.spec.containers[0].env).toEqual([
    { name: 'TIDEWATCH_CONFIG_FILE', value: '/etc/tidewatch/config.json' },
    { name: 'TIDEWATCH_KAFKA_BROKERS', value: 'kafka:9092' },
    { name: 'TIDEWATCH_SHARD', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } } },
    { name: 'TIDEWATCH_REPORT_FILE', value: '/dev/termination-log' },
  ])
})

describe('the name of a Job', () => {
  test('is the same for the same fleet, paused or not', () => {
    expect(jobOf().metadata.name).toBe(jobOf().metadata.name)
    const paused = jobOf({ spec: (spec) => (spec.paused = true) })
    expect([paused.metadata.name, paused.spec.suspend]).toEqual([jobOf().metadata.name, true])
  })

  test.each<[string, Change]>([
    ['the seed', { spec: (spec) => (spec.seed = 2) }],
    ['the shards', { spec: (spec) => (spec.shards = 2) }],
    ['the image', { settings: { ...anObserved().settings, simulatorImage: 'other' } }],
    ['the brokers', { spec: (spec) => (spec.kafka.bootstrapServers = 'other:9092') }],
  ])('is another with %s', (_, change) => {
    expect(jobOf(change).metadata.name).not.toBe(jobOf().metadata.name)
  })

  test('leaves room for the numbers of its pods, and tells fleets with long names apart', () => {
    const nameOf = (name: string) => {
      const observed = anObserved()
      return wantedJob({ ...observed, owner: { ...observed.owner, name }, name: `${name}-simulator`.slice(0, 63) }).metadata.name
    }
    const [a, b] = [nameOf(`${'x'.repeat(62)}a`), nameOf(`${'x'.repeat(62)}b`)]
    expect(a.length).toBeLessThanOrEqual(58)
    expect(a).not.toBe(b)
  })
})

describe('a recording', () => {
  test.each([
    ['a ConfigMap', { configMap: { name: 'tape', key: 'day.csv' } }, { name: 'recording', configMap: { name: 'tape', items: [{ key: 'day.csv', path: 'day.csv' }] } }, '/etc/tidewatch/recording/day.csv'],
    ['a volume', { persistentVolumeClaim: { claimName: 'tapes', path: '/2020/day.csv' } }, { name: 'recording', persistentVolumeClaim: { claimName: 'tapes', readOnly: true } }, '/etc/tidewatch/recording/2020/day.csv'],
  ])('in %s is mounted read-only, and the simulator opens it there', (_, source, volume, file) => {
    const observed = anObserved({ spec: (spec) => (spec.devices = { replay: { ...source, device: 'id' } }) })
    const pod = (wantedJob(observed) as Job).spec.template.spec
    expect(pod.volumes).toContainEqual(volume)
    expect(pod.containers[0].volumeMounts).toContainEqual({ name: 'recording', mountPath: '/etc/tidewatch/recording', readOnly: true })
    if (!observed.connection.ok) throw new Error('no connection')
    const config = buildConfigMap({ ...observed, connection: observed.connection.connection }).data as Record<string, string>
    expect(JSON.parse(config['config.json'] ?? '')).toMatchObject({ fleet: { name: 'hvac', namespace: 'plant' }, devices: { replay: { file, device: 'id', speed: 1 } } })
    expect(config['config.json']).not.toContain('configMap')
    expect(config['config.json']).not.toContain('persistentVolumeClaim')
  })

  test('none: nothing is mounted', () => {
    expect(jobOf().spec.template.spec.volumes.map((one) => one.name)).toEqual(['config', 'tmp'])
  })
})
