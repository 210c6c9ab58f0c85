import { detectorConfig, presets, type DetectorConfig } from '@tidewatch/api'

/** A valid configuration with short names and windows of 60 s by 10 s; a test names only what it is about. */
export function aConfig(given: Partial<DetectorConfig> = {}): DetectorConfig {
  return detectorConfig.parse({
    pipeline: { name: 'test', namespace: 'default', uid: 'default.test' },
    groupId: 'tidewatch.default.test',
    topic: 'readings',
    partitions: 1,
    startFrom: 'Earliest',
    reading: presets.SensorReading,
    deviceField: 'sensor_id',
    groupBy: 'Device',
    window: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 },
    allowedLatenessMs: 5_000,
    maxClockSkewMs: 300_000,
    idleTimeoutMs: 30_000,
    features: ['mean', 'stddev', 'min', 'max', 'count', 'range'],
    model: { kind: 'robustZScore', parameters: {} },
    threshold: { score: 1 },
    direction: 'Both',
    minDeviation: 0,
    consecutive: 1,
    suppressForMs: 0,
    scope: 'Device',
    warmUp: 30,
    warmStart: 'None',
    seed: 1,
    outputs: { anomalies: 'anomalies', deadLetters: 'dead-letters' },
    faultHeader: 'tidewatch-fault',
    delivery: 'AtLeastOnce',
    commitIntervalMs: 1_000,
    checkpoint: { topic: 'state', intervalMs: 10_000 },
    ...given,
  } satisfies DetectorConfig)
}
