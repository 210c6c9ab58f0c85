import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** A process of ours; it does not outlive this one, whatever this one dies of. */
export interface Child {
  readonly name: string
  readonly pid: number
  hasExited(): boolean
  /** Ends it in order, by force after `graceMs`; resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
  /** The end of its log, for messages. */
  lastWords(): string
}

/**
 * Kills the process whose id it is given as soon as its standard input ends, which it does when this process is gone,
 * by whatever death.
 */
const watchScript = 'read -r _; kill -KILL "$1" 2>/dev/null'

/** One listener for all: a cluster has more children than Node allows listeners. */
const running = new Set<() => void>()
process.on('exit', () => running.forEach((kill) => kill()))

/** Starts a program with its output in `logFile`. */
export async function startChild(command: string, args: readonly string[], { logFile, env = {} }: { logFile: string; env?: Record<string, string> }): Promise<Child> {
  const log = openSync(logFile, 'a')
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } })
  closeSync(log)
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve())
  })
  const pid = child.pid!
  const watcher = spawn('/bin/sh', ['-c', watchScript, 'sh', String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  watcher.unref()
  child.unref()
  ;(watcher.stdin as unknown as { unref(): void }).unref()
  const killNow = () => void child.kill('SIGKILL')
  running.add(killNow)
  let hasExited = false
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      hasExited = true
      running.delete(killNow)
      watcher.kill('SIGKILL')
      resolve()
    }),
  )
  return {
    name: basename(command),
    pid,
    hasExited: () => hasExited,
    lastWords: () => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-4).join(' | ').slice(-1_500),
    stop: async (graceMs = 5_000) => {
      if (hasExited) return
      child.ref()
      child.kill('SIGTERM')
      const force = setTimeout(killNow, graceMs)
      await exited
      clearTimeout(force)
    },
  }
}
