import { messageOf } from '@tidewatch/kit'
import { judge } from './outcome/judge.ts'
import { keepOutputs } from './outcome/keep-outputs.ts'
import { checkReport, type ChaosReport } from './outcome/report.ts'
import type { Form, Scenario } from './scenario.ts'
import { Stage, type StageOptions } from './stage.ts'

export interface RunOptions {
  form: Form
  seed: number
  /** At least so many. */
  readings: number
  delivery?: NonNullable<StageOptions['delivery']>
  /** Told of what is done, line by line. */
  say?: (line: string) => void
}

/** Readings may take so long to be worked off after the last fault before the run goes on without. */
const workedOffTimeoutMs = 180_000

/**
 * Runs scenarios, one after the other on one stage, from a fresh broker to the report: faults under load, then the rest of the load,
 * then the comparison of all that was written with all that an uninterrupted run writes. What it starts it ends. What the
 * detectors of a run that went wrong have said is kept in out/chaos.
 */
export async function runScenarios(scenarios: readonly Scenario[], { form, seed, readings, delivery = 'ExactlyOnce', say = () => {} }: RunOptions): Promise<ChaosReport> {
  const beganMs = performance.now()
  const test = scenarios.map(({ name }) => name).join('-')
  const loadMs = scenarios.reduce((sum, one) => sum + one.loadMs[form], 0)
  const slots = Math.max(...scenarios.map(({ detectors }) => detectors.most))
  const stage = await Stage.open({ name: `chaos-${test}`, seed, readings, loadMs, slots, delivery, say })
  const errors: string[] = []
  let isKept = false
  const attempt = (work: () => Promise<void>) => work().catch((error: unknown) => void errors.push(messageOf(error)))
  try {
    stage.progress.start()
    stage.feeder.start()
    for (const scenario of scenarios) {
      await attempt(async () => {
        await stage.crew.employ(scenario.detectors.first)
        await stage.until('all detectors work', () => stage.crew.members === scenario.detectors.first)
        await scenario.run(stage, form)
      })
    }
    const secondsToNoLag = await workOff(stage, errors)
    const silenceSeconds = stage.progress.longestSilenceMs(0) / 1_000
    await stage.progress.stop()
    const badExits = await stage.crew.dismiss()
    say('checking')
    const report: ChaosReport = {
      ...(await judge(stage)),
      test,
      faults: Object.fromEntries(stage.faults),
      seed,
      delivery,
      secondsToNoLag,
      silenceSeconds,
      rebalances: stage.crew.generations,
      ownExits: stage.crew.ownExits,
      badExits,
      steps: stage.steps,
      errors,
      seconds: (performance.now() - beganMs) / 1_000,
    }
    isKept = checkReport(report).length === 0
    return report
  } finally {
    if (!isKept) say(`what the detectors said is in ${keepOutputs(test, stage.crew.outputs)}`)
    await stage.close()
  }
}

/** Sends the rest of the load and waits until nothing is left to do. @returns the seconds since the last fault. */
async function workOff({ feeder, progress, say }: Stage, errors: string[]): Promise<number | undefined> {
  const lastFaultMs = performance.now()
  await feeder.finish().catch((error: unknown) => void errors.push(`the load could not be sent: ${messageOf(error)}`))
  const sentMs = performance.now()
  say(`sent ${feeder.sent.toLocaleString('en')} readings, waiting for the lag to come to 0`)
  while (performance.now() - lastFaultMs < workedOffTimeoutMs) {
    if (progress.lag === 0 && progress.lastLookMs > sentMs + 1_000) return (progress.lastLookMs - lastFaultMs) / 1_000
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return undefined
}
