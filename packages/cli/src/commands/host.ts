import type { Interruption } from './interruption.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** What a command needs of the process that it runs in. */
export interface Host {
  terminal: Terminal
  settings: Settings
  interruption: Interruption
  environment: Record<string, string | undefined>
}

/** The shell's own code for a program that Ctrl-C ended. */
export const interruptedExitCode = 130
