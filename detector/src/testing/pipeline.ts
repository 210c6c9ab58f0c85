import type { DetectorConfig } from '@tidewatch/api'
import type { TopicAdmin } from '@tidewatch/kafka'
import { aConfig } from './a-config.ts'

/**
 * A configuration whose group and topics carry one name, so that nobody else meets them: windows of 10 s, metric by metric, every verdict
 * and every late record on a topic of its own, a checkpoint each second.
 */
export function aPipelineConfig(name: string, given: Partial<DetectorConfig> = {}): DetectorConfig {
  return aConfig({
    pipeline: { name, namespace: 'default', uid: name },
    groupId: name,
    topic: name,
    groupBy: 'DeviceAndMetric',
    window: { kind: 'tumbling', sizeMs: 10_000 },
    outputs: { anomalies: `${name}-anomalies`, scores: `${name}-scores`, deadLetters: `${name}-dead-letters`, late: `${name}-late` },
    checkpoint: { topic: `${name}-state`, intervalMs: 1_000 },
    ...given,
  })
}

/**
 * Makes the topics that a configuration names, each with as many partitions as its input; the one for checkpoints is compacted.
 *
 * @param settings of single topics, by name.
 */
export async function createTopics(
  admin: TopicAdmin,
  { topic, partitions, outputs, checkpoint }: DetectorConfig,
  settings: Readonly<Record<string, Record<string, string>>> = {},
): Promise<void> {
  const { anomalies, scores, deadLetters, late, clusterEvents } = outputs
  const names = [topic, anomalies, scores, deadLetters, late, clusterEvents].filter((name) => name !== undefined)
  await admin.ensureTopics([
    ...names.map((name) => ({ name, partitions, config: settings[name] ?? {} })),
    { name: checkpoint.topic, partitions, config: { 'cleanup.policy': 'compact' } },
  ])
}
