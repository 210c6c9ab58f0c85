/**
 * Everything that CI checks, in its order: generated files, types, lint, then every test. Prints
 * `N passed, N failed` alone on the last line (tests, and one for each other check) and exits with 1 when
 * anything failed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Step {
  name: string
  command: string[]
}

const steps: Step[] = [
  { name: 'generated files are up to date', command: ['scripts/generate.ts', '--check'] },
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { name: 'lint', command: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'] },
]

interface VitestReport {
  success: boolean
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numFailedTestSuites: number
}

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-check-'))
let passed = 0
let failed = 0

const runNode = (args: string[]): boolean => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0

for (const { name, command } of steps) {
  const ok = runNode(command)
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`)
  if (ok) passed++
  else failed++
}

// The projects run one after another: each set-up (a broker, an API server, a cluster) has the machine to itself.
for (const project of ['unit', 'kafka', 'apiserver', 'e2e', 'cluster']) runTests(project)

rmSync(folder, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function runTests(project: string): void {
  const reportFile = join(folder, `${project}.json`)
  const testsOk = runNode(['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`])
  const report = readReport(reportFile)
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A run can fail without a failed test: a file that does not load, an error outside every test, no test at all.
  if ((!testsOk || report.numPassedTests === 0) && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites)
  if (report.numPendingTests > 0) {
    console.log(`FAILED: ${report.numPendingTests} tests of ${project} were skipped`)
    failed += report.numPendingTests
  }
}

function readReport(file: string): VitestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch (error) {
    console.log(`FAILED: vitest left no report: ${String(error)}`)
    return { success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 1 }
  }
}
