import type { EmittedClusterEvent } from '../effects.ts'
import type { ClusterEvent } from '../models/model.ts'
import type { Group } from '../window/group.ts'
import type { Origin } from './emit.ts'
import type { WindowExtent } from './extent.ts'
import type { GroupMemory } from './group-memory.ts'
import type { Judgement } from './judge.ts'
import { clusterEventId } from './verdict.ts'

/** What has become of a model's clusters: the value of a record on the topic of cluster events, as JSON. */
export interface ClusterEventRecord {
  /** 128 bits in hexadecimal, the same for the same event of the same window, pipeline and model generation. */
  id: string
  sensor_id?: string
  device_id?: string
  /** Null where the window covers several metrics. */
  metric: string | null
  /** End of the window that brought it about, ISO 8601 in UTC. Without a window the reading's event time. */
  window_end: string
  kind: ClusterEvent['kind']
  /** The clusters of before; empty for `born`. */
  from: readonly number[]
  /** The clusters of now; for `died` the one that died, as it was. Weight in windows, centre by the feature's name and in its unit. */
  clusters: { id: number; weight: number; center: Record<string, number> }[]
  model: { kind: string; generation: number }
  /** The records that the window was computed from lie between these offsets, both included. */
  offsets: { topic: string; partition: number; first: number; last: number }
}

/** The record of an event that a judged window has brought about. */
export function buildClusterEvent({ config, partition, modelKind }: Origin, group: Group<GroupMemory>, { entry, generation }: Judgement, window: WindowExtent, event: ClusterEvent): EmittedClusterEvent {
  const { metrics, names } = entry.layout!
  const { device } = group
  const metric = group.metric ?? (metrics.length === 1 ? metrics[0]! : null)
  const model = { kind: modelKind, generation }
  const offsets = { topic: config.topic, partition, first: window.firstOffset, last: window.lastOffset }
  const { kind, from, clusters } = event
  const record: ClusterEventRecord = {
    id: clusterEventId({ pipelineUid: config.pipeline.uid, device, metric, startMs: window.startMs, endMs: window.endMs, model, offsets }, kind, [...from, ...clusters.map(({ id }) => id)]),
    [config.deviceField]: device,
    metric,
    window_end: new Date(window.endMs).toISOString(),
    kind,
    from,
    clusters: clusters.map(({ id, weight, center }) => ({ id, weight, center: Object.fromEntries(names.map((name, f) => [name, center[f]!])) })),
    model,
    offsets,
  }
  return { event: record, device, timestampMs: window.timestampMs }
}
