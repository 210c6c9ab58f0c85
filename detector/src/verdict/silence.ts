import type { EmittedVerdict } from '../effects.ts'
import type { Silence } from '../window/silence.ts'
import type { Origin } from './emit.ts'
import type { GroupMemory } from './group-memory.ts'
import { silenceId } from './verdict.ts'

/** What a verdict names in place of a model when it was made because a group fell silent. */
export const silenceKind = 'silence'

/**
 * The verdict of a group that has fallen silent: its window is from when it was last heard to when that was too long ago. The score is the
 * length of the silence in limits, so it is 1: it is told when it reaches its boundary, and how long it becomes nobody knows then.
 *
 * @param timestampMs of the record that moved the watermark there.
 */
export function buildSilence({ config, partition }: Pick<Origin, 'config' | 'partition'>, { group, startMs, endMs, lastOffset }: Silence<GroupMemory>, timestampMs: number): EmittedVerdict {
  const { device, metric = null } = group
  const verdict = {
    id: silenceId({ pipelineUid: config.pipeline.uid, device, metric, startMs }),
    [config.deviceField]: device,
    metric,
    window_start: new Date(startMs).toISOString(),
    window_end: new Date(endMs).toISOString(),
    anomaly_score: 1,
    threshold: 1,
    is_anomaly: true,
    features: {},
    contributions: {},
    expected: null,
    model: { kind: silenceKind, generation: 1 },
    offsets: { topic: config.topic, partition, first: lastOffset, last: lastOffset },
  }
  return { verdict, device, fault: undefined, timestampMs }
}
