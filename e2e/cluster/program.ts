import { execFile } from 'node:child_process'

export interface Finished {
  ok: boolean
  /** What it printed on both streams, trimmed. */
  said: string
}

/** Runs a program to its end; one that is missing or takes longer than `timeoutMs` has failed. */
export function runProgram(command: string, args: readonly string[], { timeoutMs, env = {} }: { timeoutMs: number; env?: Record<string, string> }): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 26, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim()
      resolve(error === null ? { ok: true, said } : { ok: false, said: said === '' ? error.message : said })
    })
  })
}

/** The last lines of what a program said: where it complains. */
export const lastLines = (said: string, count = 3): string => said.split('\n').slice(-count).join(' | ')
