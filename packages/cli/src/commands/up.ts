import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { ScalingPolicy } from '@tidewatch/api'
import { checkManifests } from '../manifests/check.ts'
import { formatDiagnostic } from '../manifests/diagnostic.ts'
import { readManifestTexts } from '../manifests/read.ts'
import { startSimulators } from '../process/workers.ts'
import { checkWritable, writeJson } from '../report/json-file.ts'
import { computeSummary, findDiscrepancies, type Summary } from '../report/summary.ts'
import { renderSummary } from '../report/text.ts'
import { Findings } from '../run/findings.ts'
import { planRun, type RunPlan } from '../run/plan.ts'
import { runPlan, type RunResult } from '../run/run-plan.ts'
import { interruptedExitCode, type Host } from './host.ts'
import type { Terminal } from './terminal.ts'
import { countErrors } from './validate.ts'

export interface UpOptions {
  files: readonly string[]
  brokers: string | undefined
  forMs: number | undefined
  summaryFile: string | undefined
  minReplicas: number | undefined
  maxReplicas: number | undefined
  logFolder: string | undefined
  keep: boolean
}

/** `tidewatch up`: the answer is the exit code. */
export async function up(options: UpOptions, host: Host): Promise<number> {
  const { terminal } = host
  const plan = readPlan(options, terminal)
  if (plan === undefined) return 1
  if (options.summaryFile !== undefined) checkWritable(options.summaryFile)

  const { forMs, logFolder, keep } = options
  const result = await runPlan(
    plan,
    { forMs, logFolder, keep, findings: new Findings(), startSenders: ({ place }) => plan.fleets.flatMap((fleet) => startSimulators(place, fleet)) },
    host,
  )
  if (result === undefined) return interruptedExitCode
  const summary = computeSummary(result.outcome)
  terminal.out(`\n${renderSummary(summary, terminal.palette)}`)
  for (const remark of result.remarks) terminal.out(remark)
  if (options.summaryFile !== undefined) writeJson(options.summaryFile, summary)
  const failures = findFailures(result, summary, plan.fleets.length > 0)
  for (const failure of failures) terminal.err(terminal.errorPalette.red(`error: ${failure}`))
  return failures.length > 0 ? 1 : 0
}

/** What makes a run a failure though it came to its end. */
export function findFailures({ outcome, endedBy, ownsBroker }: RunResult, summary: Summary, hasFleets: boolean): string[] {
  return [
    ...findDiscrepancies(outcome, !ownsBroker),
    ...(summary.lag > 0 && endedBy !== 'interrupt' && hasFleets && ownsBroker ? [`${summary.lag} readings were not processed`] : []),
    ...(summary.sendErrors > 0 ? [`${summary.sendErrors} readings could not be sent`] : []),
  ]
}

/** Every problem of every manifest at once; undefined when there is one. */
function readPlan(options: UpOptions, terminal: Terminal): RunPlan | undefined {
  const checked = checkManifests(readManifestTexts(options.files), 'error')
  const { plan, diagnostics } =
    countErrors(checked.diagnostics) > 0
      ? { plan: undefined, diagnostics: [] }
      : planRun(checked.manifests, { brokers: options.brokers, processors: availableParallelism(), fileExists: existsSync })
  const all = [...checked.diagnostics, ...diagnostics]
  for (const diagnostic of all) terminal.err(formatDiagnostic(diagnostic, terminal.errorPalette))
  if (plan !== undefined && countErrors(all) === 0) {
    return { ...plan, pipelines: plan.pipelines.map(({ config, scaling }) => ({ config, scaling: overrideReplicas(scaling, options) })) }
  }
  terminal.err('Nothing was started.')
  return undefined
}

function overrideReplicas(scaling: ScalingPolicy, { minReplicas, maxReplicas }: UpOptions): ScalingPolicy {
  const max = Math.min(scaling.partitions, maxReplicas ?? Math.max(scaling.maxReplicas, minReplicas ?? 0))
  return { ...scaling, minReplicas: Math.min(max, minReplicas ?? scaling.minReplicas), maxReplicas: max }
}
