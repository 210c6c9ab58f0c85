import type { PipelineLag } from '../pipeline/telemetry-view.ts'
import type { LagAnswer } from './watcher.ts'

/** A watcher's answer as the status of a pipeline shows it: every record counts, and the time is without floor and cap. */
export function describeLag(answer: LagAnswer | undefined): PipelineLag | undefined {
  if (answer === undefined) return undefined
  if (answer.kind === 'Unreadable') return { kind: 'Unreadable', code: answer.code, message: answer.why }
  const { totalLag, workSeconds, worstPartition, stuckPartitions } = answer.signal
  return { kind: 'Known', total: totalLag, drainSeconds: workSeconds, worstPartition, stuckPartitions }
}
