import type { Anomaly } from '../run/anomaly.ts'
import { ReplaySender } from '../process/replay-sender.ts'
import type { ColumnChoices } from '../replay/columns.ts'
import type { Span } from '../replay/labels.ts'
import { planReplay, type PlannedRecording, type ReplayChoices } from '../replay/plan.ts'
import { readRecording } from '../replay/read.ts'
import { scoreRecording, totalScore, type RecordingScore } from '../replay/score.ts'
import { renderScores } from '../replay/text.ts'
import { checkWritable, writeJson } from '../report/json-file.ts'
import { computeSummary } from '../report/summary.ts'
import { Findings } from '../run/findings.ts'
import { runPlan } from '../run/run-plan.ts'
import { interruptedExitCode, type Host } from './host.ts'
import { findFailures } from './up.ts'

export interface ReplayOptions extends ReplayChoices {
  files: readonly string[]
  brokers: string | undefined
  labelFile: string | undefined
  columns: ColumnChoices
  summaryFile: string | undefined
  logFolder: string | undefined
  keep: boolean
}

/** `tidewatch replay`: recordings through the real path, held against their labels. The answer is the exit code. */
export async function replay(options: ReplayOptions, host: Host): Promise<number> {
  const { terminal } = host
  const recordings = options.files.map((file) => readRecording(file, options.columns, options.labelFile))
  if (options.summaryFile !== undefined) checkWritable(options.summaryFile)
  // Topics and groups of a replay are its own, also on a broker that has seen others.
  const id = Date.now().toString(36)
  const { plan, recordings: planned } = planReplay(id, recordings, options, options.brokers)

  const alarms = new Map<string, Span[]>(planned.map(({ device }) => [device, []]))
  const findings = new Findings()
  findings.onAnomaly((anomaly) => alarms.get(anomaly.device)?.push(spanOf(anomaly)))
  let sender: ReplaySender | undefined
  const result = await runPlan(
    plan,
    {
      forMs: undefined,
      logFolder: options.logFolder,
      keep: options.keep,
      findings,
      startSenders: ({ connection, log }) => {
        const [pipeline] = plan.pipelines
        sender = new ReplaySender({ name: 'replay', topic: pipeline?.config.topic ?? '', fleets: plan.fleets, connection, log })
        return [sender]
      },
    },
    host,
  )
  if (result === undefined) return interruptedExitCode

  const scores = planned.map((recording) => score(recording, sender?.sentByDevice.get(recording.device) ?? 0, alarms.get(recording.device) ?? []))
  const summary = computeSummary(result.outcome)
  terminal.out(`\n${renderScores(scores, terminal.palette)}`)
  const skipped = planned.reduce((sum, { rows }) => sum + rows, 0) - summary.sent
  if (skipped > 0 && result.endedBy === 'complete') terminal.out(`${skipped} rows could not be read and were left out.`)
  for (const remark of result.remarks) terminal.out(remark)
  if (options.summaryFile !== undefined) writeJson(options.summaryFile, { ...summary, recordings: scores, total: totalScore(scores) })
  const failures = findFailures(result, summary, true)
  for (const failure of failures) terminal.err(terminal.errorPalette.red(`error: ${failure}`))
  return failures.length > 0 ? 1 : 0
}

function score({ file, labels, intervalMs }: PlannedRecording, readings: number, alarms: readonly Span[]): RecordingScore {
  return scoreRecording(file, readings, labels, alarms, intervalMs)
}

function spanOf({ windowStart, windowEnd }: Anomaly): Span {
  return { startMs: Date.parse(windowStart), endMs: Date.parse(windowEnd) }
}
