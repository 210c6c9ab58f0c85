import type { DetectorConfig } from '@tidewatch/api'
import { parseRestorePoint, verdictId } from '@tidewatch/detector'
import { beginReplay } from './beginning.ts'
import { judgeReplay, type Explanation, type Refusal } from './explanation.ts'
import { findVerdict, type FoundVerdict, type Logs } from './find-verdict.ts'
import { Replay } from './replay.ts'
import { deviceOf, windowOf } from './verdict-text.ts'

/** Records that are read at a time. */
const stretch = 10_000

/** Finds a verdict by its id, lets the detector's own code process its records again, and holds the two against each other. */
export async function explainVerdict(config: DetectorConfig, id: string, logs: Logs): Promise<Explanation> {
  const { anomalies, scores } = config.outputs
  const topics = [anomalies, ...(scores === undefined ? [] : [scores])]
  const { found, looked } = await findVerdict(logs, topics, id)
  if (found === undefined) {
    return { kind: 'refused', reason: 'NotFound', message: `None of the ${looked} records on ${topics.join(' and ')} has the id ${id}: it is mistyped, belongs to another pipeline, or retention has deleted it` }
  }
  const other = findContradiction(config, found)
  if (other !== undefined) return { kind: 'refused', ...other, found }

  const replay = await prepareReplay(config, found, logs)
  const begun = await beginReplay(replay.replay, found, config, logs)
  if (!begun.ok) return { kind: 'refused', reason: begun.reason, message: begun.message, found }
  await runReplay(replay.replay, config, found, begun.beginning.offset, logs)
  return judgeReplay(found, begun.beginning, replay.replay.result, replay.doubtsFrom(begun.beginning.offset))
}

/** What in the verdict itself says that the manifest is not the one it was made by. */
export function findContradiction(config: DetectorConfig, { verdict }: FoundVerdict): { reason: Refusal; message: string } | undefined {
  const { offsets, model, metric } = verdict
  const name = config.pipeline.name
  if (offsets.topic !== config.topic) return { reason: 'OtherPipeline', message: `The verdict was computed from ${offsets.topic}, and ${name} reads ${config.topic}: give the manifest of the pipeline that it belongs to` }
  if (model.kind !== config.model.kind) return { reason: 'ConfigurationChanged', message: `The verdict is of the model ${model.kind}, and ${name} has ${config.model.kind} now: give the manifest as it was then` }
  if (verdictId({ pipelineUid: config.pipeline.uid, device: deviceOf(verdict), metric, ...windowOf(verdict), model, offsets }) !== verdict.id) {
    return {
      reason: 'OtherPipeline',
      message: `The id of the verdict does not come of the uid ${config.pipeline.uid}: on a cluster give the manifest as it is there, with its metadata.uid (kubectl get detectionpipeline ${name} -o yaml | tidewatch explain -f - ...)`,
    }
  }
  return undefined
}

/** A replay that knows what the clock did to the partition, as far as the newest commit tells. */
async function prepareReplay(config: DetectorConfig, { verdict }: FoundVerdict, { admin }: Logs): Promise<{ replay: Replay; doubtsFrom: (offset: number) => string[] }> {
  const { partition } = verdict.offsets
  const metadata = (await admin.readCommitted(config.groupId, config.topic)).get(partition)?.metadata
  const point = metadata === undefined ? undefined : parseRestorePoint(metadata)
  const doubtsFrom = (offset: number): string[] => [
    ...(point === undefined ? ['the group has no commit that tells what the clock did'] : []),
    ...(point !== undefined && point.completeFrom > offset ? [`what the clock did before record ${point.completeFrom} (windows closed in silence, readings refused because they were ahead) is not noted any more`] : []),
    ...(point?.bounds.some(([, ms]) => ms !== Infinity) === true ? ['readings that were ahead of the clock were refused, and may be taken now'] : []),
  ]
  return { replay: new Replay(config, verdict, point), doubtsFrom }
}

async function runReplay(replay: Replay, { topic }: DetectorConfig, { verdict, timestampMs }: FoundVerdict, begin: number, { reader }: Logs): Promise<void> {
  const { partition } = verdict.offsets
  const { logEndOffset } = await reader.readBounds(topic, partition)
  for (let from = begin; from < logEndOffset; from += stretch) {
    for (const record of await reader.read(topic, partition, { from, to: Math.min(from + stretch, logEndOffset) })) if (replay.step(record)) return
  }
  replay.tick(timestampMs)
}
