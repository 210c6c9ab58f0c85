import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { messageOf } from '@tidewatch/kit'
import { ChaosUsage } from './errors.ts'
import { outFolder } from './outcome/keep-outputs.ts'
import { checkReport, type ChaosReport } from './outcome/report.ts'
import { formatReport } from './outcome/table.ts'
import { runScenarios } from './run-scenario.ts'
import type { Form, Scenario } from './scenario.ts'
import { scenarios } from './scenarios/registry.ts'

/*
 * What is promised, put to the test: `node e2e/chaos/main.ts [--scenario NAME] [--readings N] [--seed S] [--form short|long] [--json FILE]`.
 * Ends with 1 when a promise was broken; what the detectors said is then in out/chaos.
 */

interface Settings {
  chosen: readonly Scenario[]
  readings: number
  seed: number
  form: Form
  jsonFile: string
}

/** @throws ChaosUsage */
function readSettings(): Settings {
  const { values } = parseArgs({
    options: { scenario: { type: 'string' }, readings: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' }, form: { type: 'string', default: 'long' }, json: { type: 'string', default: join(outFolder, 'chaos.json') } },
  })
  const chosen = scenarios.filter(({ name }) => values.scenario === undefined || name === values.scenario)
  if (chosen.length === 0) throw new ChaosUsage(`There is no scenario ${values.scenario}: choose one of ${scenarios.map(({ name }) => name).join(', ')}`)
  const [readings, seed] = [Number(values.readings), Number(values.seed)]
  if (!Number.isSafeInteger(readings) || readings < 1) throw new ChaosUsage(`--readings ${values.readings} is not a number of readings: give a whole number from 1`)
  if (!Number.isSafeInteger(seed)) throw new ChaosUsage(`--seed ${values.seed} is not a seed: give a whole number`)
  if (values.form !== 'long' && values.form !== 'short') throw new ChaosUsage(`--form ${values.form} is not there: choose short or long`)
  return { chosen, readings, seed, form: values.form, jsonFile: values.json }
}

async function runOne(scenario: Scenario, { readings, seed, form }: Settings): Promise<ChaosReport> {
  const beganMs = performance.now()
  const say = (line: string) => console.log(`${((performance.now() - beganMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`)
  console.log(`${scenario.name}: ${scenario.story}`)
  const report = await runScenarios([scenario], { form, seed, readings, say })
  console.log(`\n${formatReport(report)}`)
  return report
}

async function main(): Promise<number> {
  const settings = readSettings()
  checkWritable(settings.jsonFile)
  const reports: ChaosReport[] = []
  for (const scenario of settings.chosen) {
    reports.push(await runOne(scenario, settings))
    // After each: a run that is cut short leaves what it has.
    writeJson(settings.jsonFile, reports)
  }
  const broken = reports.filter((report) => checkReport(report).length > 0)
  console.log(broken.length === 0 ? `${reports.length} scenarios: every promise was kept` : `Broken: ${broken.map(({ test }) => test).join(', ')}`)
  return broken.length === 0 ? 0 : 1
}

// The exit takes the broker and the detectors along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(messageOf(error))
    process.exit(1)
  },
)
