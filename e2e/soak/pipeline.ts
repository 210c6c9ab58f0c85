import type { DetectorConfig } from '@tidewatch/api'
import { aConfig } from '@tidewatch/detector/testing'
import type { TopicAdmin } from '@tidewatch/kafka'

/**
 * A pipeline with exactly-once whose windows of 10 s are judged from the seventh on, so that a soak of minutes is one of a detector
 * at work and not of one that warms up. Its topics are made.
 */
export async function createPipeline(admin: TopicAdmin, name: string, partitions: number, given: Partial<DetectorConfig> = {}): Promise<DetectorConfig> {
  const config = aConfig({
    pipeline: { name, namespace: 'default', uid: name },
    groupId: name,
    topic: name,
    partitions,
    window: { kind: 'tumbling', sizeMs: 10_000 },
    allowedLatenessMs: 1_000,
    idleTimeoutMs: 30_000,
    warmUp: 6,
    model: { kind: 'robustZScore', parameters: { warmUp: 6 } },
    outputs: { anomalies: `${name}-anomalies`, scores: `${name}-scores`, deadLetters: `${name}-dead-letters`, late: `${name}-late` },
    delivery: 'ExactlyOnce',
    checkpoint: { topic: `${name}-state`, intervalMs: 10_000 },
    ...given,
  })
  const { anomalies, scores, deadLetters, late } = config.outputs
  await admin.ensureTopics([config.topic, anomalies, scores!, deadLetters, late!].map((topic) => ({ name: topic, partitions })))
  await admin.ensureTopics([{ name: config.checkpoint.topic, partitions, config: { 'cleanup.policy': 'compact' } }])
  return config
}
