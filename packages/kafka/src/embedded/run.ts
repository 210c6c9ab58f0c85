import { spawn } from 'node:child_process'
import { codeOf } from '@tidewatch/kit'

export interface CommandResult {
  /** Undefined where there is no such program. */
  exitCode: number | undefined
  stdout: string
  stderr: string
}

/** Runs a program to its end and collects what it says. */
export function runCommand(command: string, args: readonly string[], stdin?: string | Buffer): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe' })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    const finish = (exitCode: number | undefined) =>
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    child.on('error', (error) => (codeOf(error) === 'ENOENT' ? finish(undefined) : reject(error)))
    // Null means ended by a signal: a failure like any other here.
    child.on('close', (code) => finish(code ?? -1))
    // A program that ends without reading its input closes the pipe on us; its exit code says enough.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
  })
}
