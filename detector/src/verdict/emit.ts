import type { DetectorConfig } from '@tidewatch/api'
import type { EmittedVerdict } from '../effects.ts'
import type { Group } from '../window/group.ts'
import type { WindowExtent } from './extent.ts'
import type { GroupMemory } from './group-memory.ts'
import type { Judgement } from './judge.ts'
import { buildVerdict } from './verdict.ts'

/** Where verdicts of a topology come from. */
export interface Origin {
  config: DetectorConfig
  partition: number
  modelKind: string
}

/** The verdict of a judged window, with what its record needs beside it. */
export function buildEmitted({ config, partition, modelKind }: Origin, group: Group<GroupMemory>, judgement: Judgement, window: WindowExtent, fault: string | undefined): EmittedVerdict {
  const { entry, generation, score } = judgement
  const { metrics, names } = entry.layout!
  const verdict = buildVerdict({
    pipelineUid: config.pipeline.uid,
    deviceField: config.deviceField,
    device: group.device,
    metric: group.metric ?? (metrics.length === 1 ? metrics[0]! : null),
    startMs: window.startMs,
    endMs: window.endMs,
    score: score.value,
    threshold: judgement.threshold,
    isAnomaly: judgement.isAnomaly,
    heldBack: judgement.heldBack,
    names,
    vector: judgement.vector,
    contributions: score.contributions,
    expected: score.expected,
    model: { kind: modelKind, generation },
    offsets: { topic: config.topic, partition, first: window.firstOffset, last: window.lastOffset },
  })
  return { verdict, device: group.device, fault, timestampMs: window.timestampMs }
}
