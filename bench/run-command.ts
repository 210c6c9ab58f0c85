import { AppError } from '@tidewatch/kit'

/** Runs a command to its end: what `main` gives is the exit code, and 2 says that it could not run. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main()
  } catch (error) {
    // What the user can mend is one sentence; anything else is a fault of ours and keeps its stack.
    if (!(error instanceof AppError) && !(error instanceof TypeError && 'code' in error)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
