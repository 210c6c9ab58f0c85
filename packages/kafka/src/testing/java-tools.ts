import { spawn } from 'node:child_process'
import { readEmbeddedConfig } from '../embedded/config.ts'
import { ensureJars } from '../embedded/jars.ts'
import { kafkaTool } from '../embedded/tools.ts'

/** A reader that has been shown something, and then nothing for so long, has seen all; on a busy machine it may take its time to begin. */
const quietMs = 3_000
const startMs = 15_000

/**
 * The values of a topic as Kafka's own console consumer shows them: committed transactions only, by partition and
 * offset. It ends after `count` of them, or when nothing has come for a while, which takes longer but shows all.
 */
export async function readTopicWithJava(brokers: string, topic: string, count?: number): Promise<string[]> {
  const { cacheDir, javaCommand } = readEmbeddedConfig()
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=error', '-cp', await ensureJars(cacheDir)]
  const ask = ['--bootstrap-server', brokers, '--topic', topic, '--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(startMs)]
  const show = ['--property', 'print.partition=true', '--property', 'print.offset=true']
  const most = count === undefined ? [] : ['--max-messages', String(count)]
  const child = spawn(javaCommand, [...flags, 'org.apache.kafka.tools.consumer.ConsoleConsumer', ...ask, ...show, ...most], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  let shown = ''
  let quiet: NodeJS.Timeout | undefined
  let isKilled = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk
    clearTimeout(quiet)
    quiet = setTimeout(() => (isKilled = child.kill('SIGKILL')), quietMs)
  })
  const code = await ended
  clearTimeout(quiet)
  if (code !== 0 && !isKilled && !complaint.includes('Timeout')) throw new Error(complaint)
  return shown
    .split('\n')
    .map((line) => /^Partition:(\d+)\tOffset:(\d+)\t(.*)$/s.exec(line))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]) || Number(a[2]) - Number(b[2]))
    .map((match) => match[3]!)
}

/** Writes lines with Kafka's own console producer, one record per line; a key stands before a tab where there are keys. */
export async function writeTopicWithJava(
  brokers: string,
  topic: string,
  lines: readonly string[],
  compression: string,
  { hasKeys = false } = {},
): Promise<void> {
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', compression]
  if (hasKeys) args.push('--property', 'parse.key=true')
  const { exitCode, stderr } = await kafkaTool('org.apache.kafka.tools.ConsoleProducer', args, `${lines.join('\n')}\n`)
  if (exitCode !== 0) throw new Error(stderr)
}
