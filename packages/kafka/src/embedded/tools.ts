import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { readEmbeddedConfig } from './config.ts'
import { ensureJars } from './jars.ts'
import { runCommand, type CommandResult } from './run.ts'

/** Runs one of Kafka's own Java tools, such as `org.apache.kafka.tools.ConsoleProducer`, to its end. */
export async function kafkaTool(className: string, args: readonly string[], stdin?: string | Buffer): Promise<CommandResult> {
  const { command, flags } = await prepareTools()
  return runCommand(command, [...flags, className, ...args], stdin)
}

/** Starts one of them and leaves the rest to the caller: to read what it says, and to end it. */
export async function startKafkaTool(className: string, args: readonly string[]): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const { command, flags } = await prepareTools()
  return spawn(command, [...flags, className, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function prepareTools(): Promise<{ command: string; flags: string[] }> {
  const { cacheDir, javaCommand } = readEmbeddedConfig()
  return { command: javaCommand, flags: ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=error', '-cp', await ensureJars(cacheDir)] }
}
