import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** A java process of ours: survives the terminal's Ctrl-C, but not this process. */
export interface JavaChild {
  readonly pid: number
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>
  hasExited(): boolean
  kill(signal: NodeJS.Signals): void
}

/**
 * Kills the process whose id it is given as soon as its standard input ends, which it does when this process is gone,
 * by whatever death; then removes the folder.
 */
const watchScript = 'read -r _; kill -KILL "$1" 2>/dev/null; if [ -n "$2" ]; then rm -rf -- "$2"; fi'

/** Starts java with its output in `logFile`; `ownedFolder` goes with it if this process dies without tidying up. */
export function startJava(
  command: string,
  args: readonly string[],
  { logFile, ownedFolder }: { logFile: string; ownedFolder: string | undefined },
): Promise<JavaChild> {
  const log = openSync(logFile, 'a')
  // Detached: a process group of its own, which the terminal's signals do not reach.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(watchOver(child, ownedFolder)))
  })
}

function watchOver(child: ChildProcess, ownedFolder: string | undefined): JavaChild {
  const pid = child.pid!
  const watcher = spawn('/bin/sh', ['-c', watchScript, 'sh', String(pid), ownedFolder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => {})
  watcher.unref()
  ;(watcher.stdin as unknown as { unref(): void }).unref()

  let hasExited = false
  const killNow = () => {
    child.kill('SIGKILL')
  }
  process.on('exit', killNow)
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      hasExited = true
      process.off('exit', killNow)
      watcher.kill('SIGKILL')
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return { pid, exited, hasExited: () => hasExited, kill: (signal) => void child.kill(signal) }
}

/** What a broker said last about what went wrong; its very last lines where nothing looks like an error. */
export function readLastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  const complaints = lines.filter((line) => / (ERROR|FATAL) |Exception|^Error|^Unrecognized/.test(line))
  return (complaints.length > 0 ? complaints : lines).slice(-3).join(' | ').slice(-1_000)
}
