import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the embedded broker finds its programs and keeps its jars. */
export interface EmbeddedConfig {
  /** Survives from run to run; `TIDEWATCH_CACHE_DIR`, else `~/.cache/tidewatch`. */
  cacheDir: string
  /** `JAVA_HOME`'s java where that is set, else the one on the PATH. */
  javaCommand: string
}

/** Reads the few variables that the embedded broker obeys. */
export function readEmbeddedConfig(environment: Record<string, string | undefined> = process.env): EmbeddedConfig {
  const { TIDEWATCH_CACHE_DIR: cacheDir, JAVA_HOME: javaHome } = environment
  return {
    cacheDir: cacheDir || join(homedir(), '.cache', 'tidewatch'),
    javaCommand: javaHome ? join(javaHome, 'bin', 'java') : 'java',
  }
}
