export { histogram, sample } from './telemetry/testing/metrics.ts'
import { parseManifest } from './manifest.ts'
import type { DeviceFleet, DeviceFleetInput } from './fleet/fleet.ts'
import type { DetectionPipeline, DetectionPipelineInput } from './pipeline/pipeline.ts'

type Change<Input> = (manifest: Input) => void

/** The smallest valid pipeline, changed as asked; the real schema fills in its defaults. For tests. */
export function aPipeline(...changes: Change<DetectionPipelineInput>[]): DetectionPipeline {
  return parsed<DetectionPipeline>(pipelineDocument(...changes))
}

/** The smallest valid fleet, changed as asked. For tests. */
export function aFleet(...changes: Change<DeviceFleetInput>[]): DeviceFleet {
  return parsed<DeviceFleet>(fleetDocument(...changes))
}

/** The same before it is parsed, so that changes may break it. */
export function pipelineDocument(...changes: Change<DetectionPipelineInput>[]): DetectionPipelineInput {
  const document: DetectionPipelineInput = {
    apiVersion: 'tidewatch.dev/v1alpha1',
    kind: 'DetectionPipeline',
    metadata: { name: 'example' },
    spec: {
      kafka: { bootstrapServers: 'kafka:9092' },
      source: { topic: { name: 'readings' }, preset: 'SensorReading' },
      window: { tumbling: { size: '60s' } },
      detector: { microClusters: {} },
      delivery: 'AtLeastOnce',
    },
  }
  for (const change of changes) change(document)
  return document
}

export function fleetDocument(...changes: Change<DeviceFleetInput>[]): DeviceFleetInput {
  const document: DeviceFleetInput = {
    apiVersion: 'tidewatch.dev/v1alpha1',
    kind: 'DeviceFleet',
    metadata: { name: 'example' },
    spec: {
      kafka: { bootstrapServers: 'kafka:9092' },
      topic: { name: 'readings' },
      format: { preset: 'SensorReading' },
      devices: { count: 10 },
      profiles: [{ name: 'sensor', signals: [{ name: 'temperature', base: 20 }] }],
    },
  }
  for (const change of changes) change(document)
  return document
}

function parsed<Kind>(document: unknown): Kind {
  const result = parseManifest(document)
  if (!result.ok) throw new Error(`the test's manifest is not valid: ${JSON.stringify(result.problems)}`)
  return result.manifest as Kind
}
