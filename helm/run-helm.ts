import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { ensureBinaries } from '../e2e/cluster/binaries.ts'

/** The folder of the chart. */
export const chartFolder = fileURLToPath(new URL('tidewatch', import.meta.url))

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

export interface RunResult {
  status: number
  stdout: string
  stderr: string
}

/** Runs Helm with values given as JSON on its standard input. Never throws: what it printed is the result. */
export function runHelm(args: readonly string[], values: object = {}, kubeconfig = '/dev/null'): RunResult {
  return run(ensureBinaries().helm, [...args, ...(takesValues(args) ? ['--values', '-'] : []), '--kubeconfig', kubeconfig], JSON.stringify(values))
}

/** Runs kubectl with a text on its standard input. */
export function runKubectl(kubeconfig: string, args: readonly string[], input = ''): RunResult {
  return run(ensureBinaries().path('kubectl'), ['--kubeconfig', kubeconfig, ...args], input)
}

/** What a command printed, where it succeeded. @throws Error with what it complained of */
export function outputOf({ status, stdout, stderr }: RunResult): string {
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr.trim()} ${stdout.trim()}`)
  return stdout
}

/** The objects that the chart makes, without a cluster. */
export function template(values: object = {}, more: readonly string[] = []): Manifest[] {
  return parseManifests(outputOf(runHelm(['template', 'tidewatch', chartFolder, '--namespace', 'tidewatch', ...more], values)))
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest | null).filter((object) => object !== null)
}

const takesValues = ([command]: readonly string[]) => ['template', 'install', 'upgrade', 'lint'].includes(command ?? '')

function run(command: string, args: readonly string[], input: string): RunResult {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (error !== undefined) throw error
  return { status: status ?? -1, stdout, stderr }
}
