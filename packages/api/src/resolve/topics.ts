import type { Manifest } from '../manifest.ts'
import { stateTopicOf } from './pipeline.ts'

/** A topic as it should be. */
export interface TopicPlan {
  name: string
  partitions: number
  /** Undefined: the brokers' own default. */
  replicas: number | undefined
  config: Record<string, string>
  /** The field that asks for it, for messages. */
  askedBy: string
  /** Of a pipeline's topics: the one that its detectors keep their state in, which they write and read. */
  holdsState?: true
}

/**
 * How the topic with checkpoints is kept: only the newest of each key. Small segments, because the one that is being written is
 * never compacted, and each checkpoint replaces all of the ones before.
 */
const stateTopicConfig = { 'cleanup.policy': 'compact', 'segment.bytes': String(64 * 1024 * 1024), 'segment.ms': '600000', 'min.cleanable.dirty.ratio': '0.1', 'delete.retention.ms': '3600000' }

/** Every topic that a manifest needs, input first. */
export function planTopics(manifest: Manifest): TopicPlan[] {
  const { name } = manifest.metadata
  if (manifest.kind === 'DeviceFleet') {
    const { topic } = manifest.spec
    return [{ name: topic.name, partitions: topic.partitions, replicas: topic.replicas, config: topic.config, askedBy: `${name}: spec.topic` }]
  }
  const { source, outputs } = manifest.spec
  const input: TopicPlan = { name: source.topic.name, partitions: source.topic.partitions, replicas: source.topic.replicas, config: source.topic.config, askedBy: `${name}: spec.source.topic` }
  const output = (field: 'anomalies' | 'scores' | 'deadLetters' | 'late' | 'clusterEvents', defaultName?: string): TopicPlan[] => {
    const asked = outputs[field]
    const topicName = asked?.topic ?? defaultName
    if (topicName === undefined) return []
    return [
      {
        name: topicName,
        partitions: asked?.partitions ?? source.topic.partitions,
        replicas: asked?.replicas ?? source.topic.replicas,
        config: asked?.config ?? {},
        askedBy: `${name}: spec.outputs.${field}`,
      },
    ]
  }
  // A partition of the input keeps its state in the partition of the same number.
  const state: TopicPlan = { ...input, name: stateTopicOf(manifest), config: stateTopicConfig, askedBy: `${name}: spec.checkpoint`, holdsState: true }
  return [input, ...output('anomalies', `${name}-anomalies`), ...output('scores'), ...output('deadLetters', `${name}-dead-letters`), ...output('late'), ...output('clusterEvents'), state]
}
