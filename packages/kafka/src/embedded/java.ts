import { JavaMissing } from './errors.ts'
import { runCommand } from './run.ts'

/** Kafka 4's brokers are compiled for Java 17. */
const oldestJava = 17

const advice =
  `install a Java ${oldestJava} or newer runtime (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; ` +
  'macOS: brew install openjdk), or set JAVA_HOME to one'

/**
 * Makes sure that Java is there and new enough.
 *
 * @returns its version, as it names it itself.
 * @throws JavaMissing
 */
export async function checkJava(javaCommand: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(javaCommand, ['-version'])
  if (exitCode !== 0) {
    throw new JavaMissing(`The embedded Kafka broker needs Java, and ${javaCommand} cannot be run: ${advice}`)
  }
  const version = parseJavaVersion(stderr + stdout)
  if (version === undefined || version.major < oldestJava) {
    throw new JavaMissing(
      `The embedded Kafka broker needs Java ${oldestJava} or newer, and ${javaCommand} is ` +
        `${version?.full ?? 'unknown'}: ${advice}`,
    )
  }
  return version.full
}

/** Reads what `java -version` prints; before Java 9 the major version stood second (1.8.0). */
export function parseJavaVersion(text: string): { full: string; major: number } | undefined {
  const full = /version "([^"]+)"/.exec(text)?.[1]
  if (full === undefined) return undefined
  const [first, second] = full.split(/[._-]/).map(Number)
  return { full, major: (first === 1 ? second : first) ?? 0 }
}
