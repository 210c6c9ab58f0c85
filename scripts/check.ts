/**
 * Everything that CI checks: generated files, types, lint, a Kubernetes that can be built, then every test. Prints `N passed, N failed` alone on the last
 * line (tests, and one for each other check) and exits with 1 when anything failed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

interface Step {
  name: string
  command: string[]
}

/** Beside each other: each of them keeps one core at work. */
const looks: Step[] = [
  { name: 'generated files are up to date', command: ['scripts/generate.ts', '--check'] },
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { name: 'lint', command: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'] },
]

/** Both rows need them, and one build at a time is enough for two cores. */
const binaries: Step = { name: 'the binaries of Kubernetes', command: ['scripts/cluster.ts', 'build'] }

/**
 * Two rows of projects beside each other: all but `unit` wait more than they work. With three of them two cores have too much to do,
 * and what waits for a session or a lag runs out of time. Of the projects in one row each has its set-up to itself; `local` and
 * `cluster` both make a local cluster, of which there can be one at a time.
 */
const rows = [
  ['e2e', 'unit', 'apiserver'],
  ['kafka', 'local', 'cluster'],
]

/** `unit` takes all that it gets, and nothing in it minds waiting: what runs beside it goes first. */
const niceness: Partial<Record<string, number>> = { unit: 10 }

interface VitestReport {
  testResults: { name: string; message?: string; assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[] }[]
  success: boolean
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numFailedTestSuites: number
}

/** How long the last lines of a script that has ended are waited for. */
const lastWordsMs = 2_000
/** Lines of a failure that are said again at the end. */
const longestFailure = 12

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-check-'))
let passed = 0
let failed = 0
/** Said again at the end: whoever sees the last lines alone must know what failed. */
const failures: string[] = []

await Promise.all(looks.map(runStep))
await runStep(binaries)

await Promise.all(
  rows.map(async (row) => {
    for (const project of row) await runTests(project)
  }),
)

rmSync(folder, { recursive: true })
for (const failure of failures) console.log(`FAILED: ${failure}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function runStep({ name, command }: Step): Promise<void> {
  const ok = await runNode(command)
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`)
  if (ok) passed++
  else {
    failed++
    failures.push(name)
  }
}

/** Runs a script of Node, and passes on what it says a line at a time. @returns whether it ended with 0 */
async function runNode(args: string[], nice = 0): Promise<boolean> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  // Before it starts processes of its own, which inherit it.
  if (nice > 0 && child.pid !== undefined) setPriority(child.pid, nice)
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => console.log(line))
  // Whatever a script has left running may hold its streams open: that must not hold up the rest.
  const said = once(child, 'close')
  const code = await once(child, 'exit').then(([status]) => status as number | null, (error: unknown) => void console.log(String(error)))
  await Promise.race([said, sleep(lastWordsMs, undefined, { ref: false })])
  return code === 0
}

async function runTests(project: string): Promise<void> {
  const startMs = performance.now()
  const reportFile = join(folder, `${project}.json`)
  const testsOk = await runNode(['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`], niceness[project])
  const report = readReport(reportFile)
  passed += report.numPassedTests
  failed += report.numFailedTests
  failures.push(...describeFailures(project, report))
  // A run can fail without a failed test: a file that does not load, an error outside every test, no test at all.
  if ((!testsOk || report.numPassedTests === 0) && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites)
  if (report.numPendingTests > 0) {
    console.log(`FAILED: ${report.numPendingTests} tests of ${project} were skipped`)
    failed += report.numPendingTests
  }
  console.log(`${project}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, after ${Math.round((performance.now() - startMs) / 1_000)} s`)
}

/** One text for each test, or file, that failed: where, what, and the first lines of why. */
function describeFailures(project: string, { testResults }: VitestReport): string[] {
  return testResults.flatMap(({ name, message = '', assertionResults }) => {
    const failedTests = assertionResults.filter(({ status }) => status === 'failed')
    const file = `${project}: ${relative(process.cwd(), name)}`
    if (failedTests.length === 0) return message === '' ? [] : [`${file}: ${shorten(message)}`]
    return failedTests.map(({ fullName, failureMessages }) => `${file} > ${fullName}: ${shorten((failureMessages ?? []).join('\n'))}`)
  })
}

function shorten(text: string): string {
  return text.split('\n').slice(0, longestFailure).join('\n')
}

function readReport(file: string): VitestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch (error) {
    console.log(`FAILED: vitest left no report: ${String(error)}`)
    return { testResults: [], success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 1 }
  }
}
