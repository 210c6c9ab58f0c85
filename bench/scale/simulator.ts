import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchBroker } from '../broker.ts'
import { readSystem } from '../read-system.ts'
import { StepFailed } from './devices.ts'
import type { SimulatorRow } from './messages.ts'

const system = 'config/samples/valid/sensors-10k.yaml'
/** So fast that the clock never holds a record back. */
const speed = 1e6
const topic = 'scale-simulator'
const partitions = 8

/**
 * Has one simulator process send so many records of system C to a real broker, as fast as it can: records a second from its first to the last
 * acknowledgement.
 *
 * @throws StepFailed where it fails, or where the topic holds another number of records afterwards.
 */
export async function measureSimulator(records: number, { brokers, admin }: BenchBroker): Promise<SimulatorRow> {
  await admin.ensureTopics([{ name: topic, partitions }])
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-scale-'))
  try {
    const [configFile, reportFile] = [join(folder, 'fleet.json'), join(folder, 'report.json')]
    writeFileSync(configFile, JSON.stringify({ ...readSystem(system).fleet, topic, speed, messages: records, durationMs: undefined }))
    await runSimulator({ TIDEWATCH_CONFIG_FILE: configFile, TIDEWATCH_REPORT_FILE: reportFile, TIDEWATCH_KAFKA_BROKERS: brokers })
    const { sent, durationMs } = JSON.parse(readFileSync(reportFile, 'utf8')) as { sent: number; durationMs: number }
    const found = (await admin.readOffsets(topic)).reduce((sum, { logStartOffset, logEndOffset }) => sum + logEndOffset - logStartOffset, 0)
    if (sent !== records || found !== records) throw new StepFailed(`The simulator was to send ${records} records: it says that it has sent ${sent}, and ${found} are in the topic`)
    return { records, recordsPerSecond: (sent * 1_000) / durationMs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runSimulator(environment: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@tidewatch/simulator/main'))], {
    env: { PATH: process.env['PATH'], TIDEWATCH_PORT: '0', TIDEWATCH_LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new StepFailed(`The simulator has ended (${code ?? signal}):\n${output}`))))
  })
}
