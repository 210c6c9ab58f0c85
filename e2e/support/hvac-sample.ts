import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DetectionPipelineInput, DeviceFleetInput } from '@tidewatch/api'
import { parseAllDocuments } from 'yaml'

const sample = fileURLToPath(new URL('../../config/samples/valid/hvac.yaml', import.meta.url))

/** The sample that people try first, with a Kafka that Strimzi does not run. */
export function readHvacSample(where: { namespace: string; bootstrap: string; topic: string }): { fleet: DeviceFleetInput; pipeline: DetectionPipelineInput } {
  const [fleet, pipeline] = parseAllDocuments(readFileSync(sample, 'utf8')).map((document) => document.toJS() as unknown) as [DeviceFleetInput, DetectionPipelineInput]
  const kafka = { bootstrapServers: where.bootstrap }
  const topics = { anomalies: { topic: `${where.topic}-anomalies` }, deadLetters: { topic: `${where.topic}-dead-letters` } }
  return {
    fleet: { ...fleet, metadata: { ...fleet.metadata, namespace: where.namespace }, spec: { ...fleet.spec, kafka, topic: { ...fleet.spec.topic, name: where.topic } } },
    pipeline: {
      ...pipeline,
      metadata: { ...pipeline.metadata, namespace: where.namespace },
      spec: { ...pipeline.spec, kafka, source: { ...pipeline.spec.source, topic: { ...pipeline.spec.source.topic, name: where.topic } }, outputs: { ...pipeline.spec.outputs, ...topics } },
    },
  }
}
