import type { DetectorConfig } from '@tidewatch/api'
import { aPipelineConfig, createTopics } from '@tidewatch/detector/testing'
import type { TopicAdmin } from '@tidewatch/kafka'

/**
 * A pipeline with exactly-once whose windows of 10 s are judged from the seventh on, so that a soak of minutes is one of a detector
 * at work and not of one that warms up. Its topics are made.
 */
export async function createPipeline(admin: TopicAdmin, name: string, partitions: number, given: Partial<DetectorConfig> = {}): Promise<DetectorConfig> {
  const config = aPipelineConfig(name, {
    partitions,
    groupBy: 'Device',
    allowedLatenessMs: 1_000,
    idleTimeoutMs: 30_000,
    warmUp: 6,
    model: { kind: 'robustZScore', parameters: { warmUp: 6 } },
    delivery: 'ExactlyOnce',
    checkpoint: { topic: `${name}-state`, intervalMs: 10_000 },
    ...given,
  })
  await createTopics(admin, config)
  return config
}
