import { createScreen } from '../live/screen.ts'
import type { Host } from '../commands/host.ts'
import { prepareDetectors } from '../process/workers.ts'
import type { Sender } from '../process/sender.ts'
import { Cleanup } from './cleanup.ts'
import { runEngine, type EngineResult } from './engine.ts'
import type { Findings } from './findings.ts'
import { Notices } from './notices.ts'
import { PipelineRun } from './pipeline-run.ts'
import type { RunPlan } from './plan.ts'
import { createTopics, openSession, type Session } from './session.ts'

export interface RunOptions {
  forMs: number | undefined
  logFolder: string | undefined
  keep: boolean
  findings: Findings
  startSenders: (session: Session) => readonly Sender[]
}

export interface RunResult extends EngineResult {
  ownsBroker: boolean
}

/** Runs a plan from the broker's start to its end. Undefined: interrupted before anything was measured. */
export async function runPlan(plan: RunPlan, options: RunOptions, host: Host): Promise<RunResult | undefined> {
  const cleanup = new Cleanup()
  try {
    return await runInside(plan, options, host, cleanup)
  } finally {
    for (const problem of await cleanup.run()) host.terminal.err(problem)
  }
}

async function runInside(plan: RunPlan, options: RunOptions, { terminal, settings, interruption, environment }: Host, cleanup: Cleanup): Promise<RunResult | undefined> {
  const { signal: interrupted } = interruption
  const { logFolder, keep, findings, forMs } = options
  const session = await openSession({ brokers: plan.brokers, logFolder, keep, settings, environment, cleanup, say: (text) => terminal.out(text) })
  if (interrupted.aborted) return undefined
  await createTopics(session, plan.topics)

  const screen = createScreen(terminal)
  cleanup.add('leave the table', () => screen.close())
  const notices = new Notices((text) => screen.notice(text))
  const { connection, admin, log, runId, place } = session
  const pipelines = plan.pipelines.map(
    (planned) =>
      new PipelineRun({ planned, connection, admin, log, findings, runId, startDetector: prepareDetectors(place, planned.config), notify: (text) => notices.add(text) }),
  )
  terminal.out(describePlan(plan, place.brokers))
  const result = await runEngine({
    pipelines,
    startSenders: () => options.startSenders(session),
    findings,
    screen,
    notices,
    cleanup,
    forMs,
    interrupted,
    brokerDied: session.brokerDied,
  })
  return result && { ...result, ownsBroker: session.ownsBroker }
}

function describePlan({ pipelines, fleets }: RunPlan, brokers: string): string {
  const list = (kind: string, names: string[]) => (names.length === 0 ? [] : names.length > 4 ? [`${names.length} ${kind}s`] : [`${kind} ${names.join(', ')}`])
  const parts = [...list('pipeline', pipelines.map(({ config }) => config.pipeline.name)), ...list('fleet', fleets.map(({ fleet }) => fleet.name))]
  return `Running ${parts.join(' and ')} on ${brokers}; Ctrl-C stops`
}
