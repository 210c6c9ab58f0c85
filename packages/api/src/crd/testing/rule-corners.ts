import * as fc from 'fast-check'
import type { KindName } from '../../manifest.ts'

type Json = Record<string, unknown>
/** Replaces members of a spec by values that lie close to a rule over several fields, on both sides of it. */
export type Corner = Json

const small = fc.integer({ min: 1, max: 4 })
const moment = fc.constantFrom('0s', '1ms', '500ms', '0.5s', '1.5s', '7s', '10s', '20s', '60s', '1m', '1000s', '1001s', '16m40s', '1h')
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

/** A record whose undefined members are left out, as JSON leaves them out. */
const part = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Corner> => fc.record(members, { noNullPrototype: true }).map((value) => JSON.parse(JSON.stringify(value)) as Json)

const feature = fc.constantFrom('mean', 'max', 'p95')
const model = part({ microClusters: fc.constant({}), robustZScore: maybe(fc.constant({})), scope: fc.constantFrom('Device', 'DeviceType') })
const deviating = part({
  microClusters: maybe(fc.constant({})), halfSpaceTrees: maybe(fc.constant({})),
  ensemble: maybe(fc.constantFrom({ members: [{ halfSpaceTrees: {} }, { robustZScore: {} }] }, { members: [{ halfSpaceTrees: {} }, { halfSpaceTrees: {} }] })),
  direction: maybe(fc.constantFrom('Both', 'Above')), minDeviation: maybe(fc.constantFrom(0, 0.5, 2)), suppressFor: maybe(moment), consecutive: maybe(small),
})
const source = part({
  topic: part({ name: fc.constant('readings'), partitions: maybe(small) }),
  preset: maybe(fc.constantFrom('DeviceMetric', 'SensorReading')),
  mapping: maybe(part({ deviceType: maybe(fc.constant('$.type')), metric: maybe(fc.constant({ name: '$.n', value: '$.v' })), allNumbers: maybe(fc.constant({})), categories: maybe(fc.constant([])) })),
})
const kafka = part({ clusterRef: maybe(fc.constant({ name: 'a' })), bootstrapServers: maybe(fc.constant('a:1')), topicManagement: maybe(fc.constantFrom('Strimzi', 'Direct')) })

export const ruleCorners: Record<KindName, fc.Arbitrary<Corner>> = {
  DetectionPipeline: fc.oneof(
    part({ window: part({ sliding: part({ size: moment, slide: moment }) }) }),
    part({ scaling: part({ targetDrainTime: maybe(moment), targetLagPerReplica: maybe(small) }) }),
    part({ scaling: part({ minReplicas: maybe(fc.constant(2)), maxReplicas: maybe(small) }), source: part({ topic: part({ name: fc.constant('readings'), partitions: small }), preset: fc.constant('SensorReading') }) }),
    part({ source, detector: model }),
    part({ detector: part({ microClusters: fc.constant({}), silence: part({ after: maybe(fc.constantFrom('0s', '1ms', '5m', '24h', '24h1ms', '1440m', '25h', 'soon')), missedIntervals: maybe(small) }) }) }),
    part({ features: fc.array(feature, { maxLength: 3 }) }),
    part({ features: maybe(fc.constantFrom(['stddev'], ['stddev', 'max'])), window: fc.constantFrom({ none: {} }, { tumbling: { size: '60s' } }), detector: deviating }),
    part({ kafka }),
  ),
  DeviceFleet: fc.oneof(
    part({ speed: fc.constantFrom(0.5, 1, 60), duration: maybe(fc.constant('1h')) }),
    part({ duration: maybe(moment), messages: maybe(small), interval: maybe(moment), rate: maybe(small) }),
    part({
      format: maybe(part({ preset: maybe(fc.constant('SensorReading')), template: maybe(fc.constant('{}')) })),
      profiles: fc.constantFrom([], [{ name: 'a' }]),
      devices: part({ count: maybe(small), list: maybe(fc.constant([{ device_id: 'a' }])), replay: maybe(part({ file: maybe(fc.constant('a')), url: maybe(fc.constant('a')) })) }),
    }),
    part({ kafka }),
  ),
}
