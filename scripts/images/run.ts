import { spawn } from 'node:child_process'

/** A command ended with an error, or is not there. */
export class CommandFailed extends Error {
  /** Undefined where there is no such program. */
  readonly exitCode: number | undefined

  constructor(message: string, exitCode: number | undefined) {
    super(message)
    this.name = 'CommandFailed'
    this.exitCode = exitCode
  }
}

/**
 * Runs a program to its end and returns what it wrote to standard output.
 *
 * @throws CommandFailed with the last lines it said.
 */
export function runProgram(command: string, args: readonly string[], options: { cwd?: string; stdin?: string } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // One language and one time zone, whatever the machine's: sorting and dates end up in what is written.
    const child = spawn(command, args, { cwd: options.cwd, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })
    const stdout: Buffer[] = []
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('error', (error: NodeJS.ErrnoException) => reject(new CommandFailed(`${command} cannot be run: ${error.message}`, undefined)))
    child.once('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(stdout).toString())
      const lastWords = Buffer.concat(said).toString().trimEnd().split('\n').slice(-5).join(' | ')
      reject(new CommandFailed(`${command} ${args.slice(0, 3).join(' ')} ended with ${code ?? 'a signal'}: ${lastWords}`, code ?? -1))
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin)
  })
}
