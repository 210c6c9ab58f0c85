import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DetectorConfig } from '@tidewatch/api'
import { parseMetrics, type MetricSample } from '@tidewatch/kit'
import { nodeFlags } from '../node-flags.ts'

/** A detector as a process of its own, as it runs in a pod. */
export class DetectorProcess {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #lines: string[] = []
  readonly exited: Promise<number | NodeJS.Signals | null>

  constructor(config: DetectorConfig | string, brokers: string, environment: Record<string, string> = {}) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tidewatch-detector-'))
    const path = join(this.#folder, 'config.json')
    writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config))
    this.#child = spawn(process.execPath, [...nodeFlags, fileURLToPath(new URL('../main.ts', import.meta.url))], {
      env: { PATH: process.env['PATH'], TIDEWATCH_CONFIG_FILE: path, TIDEWATCH_KAFKA_BROKERS: brokers, TIDEWATCH_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let rest = ''
    const read = (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      this.#lines.push(...parts)
    }
    this.#child.stdout?.on('data', read)
    this.#child.stderr?.on('data', read)
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        rmSync(this.#folder, { recursive: true, force: true })
        resolve(code ?? signal)
      })
    })
  }

  /** What it has said so far. */
  get output(): string {
    return this.#lines.join('\n')
  }

  get pid(): number {
    return this.#child.pid!
  }

  signal(name: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.#child.kill(name)
    return this.exited
  }

  /** The samples of /metrics. */
  async scrape(): Promise<MetricSample[]> {
    return parseMetrics(await (await fetch(`http://127.0.0.1:${this.#port()}/metrics`)).text())
  }

  async probe(path: '/healthz' | '/readyz'): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#port()}${path}`)
    return { status: response.status, text: await response.text() }
  }

  /** Sum of a metric over its labels; 0 where it is not served (yet). */
  async read(name: string, labels: Record<string, string> = {}): Promise<number> {
    const samples = await this.scrape().catch(() => [])
    return samples
      .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0)
  }

  #port(): number {
    for (const line of this.#lines) {
      if (!line.includes('Serving metrics and probes')) continue
      return (JSON.parse(line) as { port: number }).port
    }
    throw new Error(`the detector has not begun to serve: ${this.output}`)
  }
}
