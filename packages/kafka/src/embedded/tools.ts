import { readEmbeddedConfig } from './config.ts'
import { ensureJars } from './jars.ts'
import { runCommand, type CommandResult } from './run.ts'

/** Runs one of Kafka's own Java tools, such as `org.apache.kafka.tools.ConsoleProducer`, to its end. */
export async function kafkaTool(
  className: string,
  args: readonly string[],
  stdin?: string | Buffer,
): Promise<CommandResult> {
  const { cacheDir, javaCommand } = readEmbeddedConfig()
  const classPath = await ensureJars(cacheDir)
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=error', '-cp', classPath]
  return runCommand(javaCommand, [...flags, className, ...args], stdin)
}
