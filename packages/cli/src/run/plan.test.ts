import { describe, expect, test } from 'vitest'
import { checkManifests } from '../manifests/check.ts'
import { formatDiagnostic } from '../manifests/diagnostic.ts'
import { fleetText, pipelineText } from '../testing/manifests.ts'
import { planRun, type PlanOptions } from './plan.ts'

const plan = (text: string, over: Partial<PlanOptions> = {}, file = 'here/hvac.yaml') => {
  const { manifests, diagnostics } = checkManifests([{ file, text }], 'error')
  expect(diagnostics).toEqual([])
  const result = planRun(manifests, { brokers: undefined, processors: 2, fileExists: () => true, ...over })
  return { ...result.plan, problems: result.diagnostics.map((one) => formatDiagnostic(one)) }
}
const both = (pipeline: Record<string, string> = {}, fleet: Record<string, string> = {}): string => `${pipelineText(pipeline)}---\n${fleetText(fleet)}`
const cluster = 'clusterRef: { name: my-cluster }'
const at = (brokers: string) => ({ [cluster]: `bootstrapServers: "${brokers}"` })

test('a pipeline and a fleet on one topic: each topic once, an embedded broker, no more detectors than processors', () => {
  const { brokers, topics, pipelines, fleets, problems } = plan(both())
  expect(problems).toEqual([])
  expect(brokers).toBeUndefined()
  expect(topics.map(({ name, partitions }) => [name, partitions])).toEqual([['readings', 4], ['hvac-anomalies', 4], ['hvac-dead-letters', 4], ['hvac-state', 4]])
  expect(pipelines.map(({ config, scaling }) => [config.pipeline.name, scaling.minReplicas, scaling.maxReplicas])).toEqual([['hvac', 1, 2]])
  expect(fleets.map(({ fleet, topic }) => [fleet.name, topic])).toEqual([['hvac', 'readings']])
})

describe('the broker', () => {
  test('is that of the manifests', () => {
    expect(plan(both(at('kafka:9092'), at('kafka:9092')))).toMatchObject({ brokers: 'kafka:9092', problems: [] })
  })

  test('is that of the command line, whatever the manifests say', () => {
    expect(plan(both(at('a:1'), at('b:2')), { brokers: 'c:3' })).toMatchObject({ brokers: 'c:3', problems: [] })
  })

  test('cannot be two', () => {
    expect(plan(both(at('a:1'), at('b:2'))).problems).toEqual([
      'here/hvac.yaml:24:3: error: spec.kafka: is another Kafka than a:1 of here/hvac.yaml:6: write the same in both, run them apart, or give --brokers for all',
    ])
    expect(plan(both({}, at('b:2'))).problems).toEqual([expect.stringContaining('another Kafka than the cluster "my-cluster"')])
  })
})

describe('a topic', () => {
  test('has one number of partitions', () => {
    expect(plan(both({}, { 'partitions: 4': 'partitions: 8' })).problems).toEqual([
      'here/hvac.yaml:26:10: error: spec.topic: topic "readings" has 8 partitions here and 4 in hvac: spec.source.topic (here/hvac.yaml:9): write the same number in both',
    ])
  })

  test('has one configuration, put together from both', () => {
    const config = (text: string) => ({ 'partitions: 4': `partitions: 4, config: { ${text} }` })
    expect(plan(both(config('retention.ms: "1"'), config('cleanup.policy: delete'))).topics[0]?.config).toEqual({ 'retention.ms': '1', 'cleanup.policy': 'delete' })
    expect(plan(both(config('retention.ms: "1"'), config('retention.ms: "2"'))).problems).toEqual([expect.stringContaining('has retention.ms 2 here and 1 in hvac')])
  })

  test('is not created where somebody else does it', () => {
    const none = { [cluster]: 'bootstrapServers: "a:1"\n    topicManagement: None' }
    expect(plan(both(none, none)).topics).toEqual([])
  })
})

describe('a recording', () => {
  const replayed = fleetText({
    '  format: { preset: SensorReading }\n  devices: { count: 10 }\n  profiles:\n    - name: sensor\n      signals: [{ name: temperature, base: 20 }]\n': '  devices: { replay: { file: data/a.csv } }\n',
  })
  const fileOf = (text: string, file: string) => {
    const { devices } = plan(text, {}, file).fleets[0]!
    return 'replay' in devices ? devices.replay.file : undefined
  }

  test('lies beside its manifest', () => {
    expect(fileOf(replayed, '/config/samples/fleet.yaml')).toBe('/config/samples/data/a.csv')
    expect(fileOf(replayed, '<stdin>')).toBe(`${process.cwd()}/data/a.csv`)
  })

  test('must be there', () => {
    expect(plan(replayed, { fileExists: () => false }, '/c/fleet.yaml').problems).toEqual(['/c/fleet.yaml:9:30: error: spec.devices.replay.file: there is no file /c/data/a.csv'])
  })
})
