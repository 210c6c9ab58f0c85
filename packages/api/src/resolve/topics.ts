import type { Manifest } from '../manifest.ts'

/** A topic as it should be. */
export interface TopicPlan {
  name: string
  partitions: number
  /** Undefined: the brokers' own default. */
  replicas: number | undefined
  config: Record<string, string>
  /** The field that asks for it, for messages. */
  askedBy: string
}

/** Every topic that a manifest needs, input first. */
export function planTopics(manifest: Manifest): TopicPlan[] {
  const { name } = manifest.metadata
  if (manifest.kind === 'DeviceFleet') {
    const { topic } = manifest.spec
    return [{ name: topic.name, partitions: topic.partitions, replicas: topic.replicas, config: topic.config, askedBy: `${name}: spec.topic` }]
  }
  const { source, outputs } = manifest.spec
  const input: TopicPlan = { name: source.topic.name, partitions: source.topic.partitions, replicas: source.topic.replicas, config: source.topic.config, askedBy: `${name}: spec.source.topic` }
  const output = (field: 'anomalies' | 'scores' | 'deadLetters' | 'late', defaultName?: string): TopicPlan[] => {
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
  return [input, ...output('anomalies', `${name}-anomalies`), ...output('scores'), ...output('deadLetters', `${name}-dead-letters`), ...output('late')]
}
