import { AppError, codeOf, messageOf } from '@tidewatch/kit'
import { Interruption } from './commands/interruption.ts'
import { readSettings } from './commands/settings.ts'
import { processTerminal } from './commands/terminal.ts'
import { interruptedExitCode } from './commands/host.ts'
import { killAllChildren } from './process/child.ts'
import { createProgram } from './program.ts'

const terminal = processTerminal()

/** One sentence for anything that went wrong; the stack only for what nobody foresaw, on request. */
function explain(error: unknown): string {
  if (codeOf(error) === 'ENOSPC') return `The disk is full: ${messageOf(error)}`
  // Its message is a whole sentence already; what lies underneath would only repeat it.
  if (error instanceof AppError) return error.message
  const stack = error instanceof Error && process.env['TIDEWATCH_LOG_LEVEL'] === 'debug' ? `\n${error.stack ?? ''}` : ''
  return `${messageOf(error)}${stack}`
}

async function main(): Promise<number> {
  const settings = readSettings(process.env)
  const interruption = new Interruption(() => {
    killAllChildren()
    // What else we started dies with us.
    process.exit(interruptedExitCode)
  })
  interruption.listen()
  let exitCode = 0
  const program = createProgram({ terminal, settings, interruption, environment: process.env }, (code) => (exitCode = code))
  await program.parseAsync(process.argv)
  return exitCode
}

/** Waits until a pipe has taken everything: exiting before that cuts off what is longer than its buffer (64 KiB). */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

main().then(
  async (code) => {
    await flush(process.stdout)
    process.exit(code)
  },
  (error: unknown) => {
    terminal.err(terminal.errorPalette.red(`error: ${explain(error)}`))
    process.exit(1)
  },
)
