import { CommandFailed, runProgram } from './run.ts'

/** What images/Dockerfile starts from; `BASE_IMAGE` in the environment names another one. */
const defaultBaseImage = 'node:24.21.0-bookworm-slim'

export interface Engine {
  /** Set where Docker can build: its engine answers and it has, or can have, the base. */
  baseImage?: string
  /** What will be done, and why. */
  sentence: string
}

/** Whether Docker can build our images here. A machine may have an engine and still no registry to pull from. */
export async function findEngine(environment: Record<string, string | undefined> = process.env): Promise<Engine> {
  const baseImage = environment['BASE_IMAGE'] || defaultBaseImage
  if (!(await succeeds(['info']))) return { sentence: 'No Docker engine answers: the layers are put together on a Debian base' }
  if (!(await succeeds(['image', 'inspect', baseImage])) && !(await succeeds(['pull', '--quiet', baseImage]))) {
    return { sentence: `Docker cannot have ${baseImage}: the layers are put together on a Debian base` }
  }
  return { baseImage, sentence: `Docker builds on ${baseImage}` }
}

/** Runs `docker build` and tells what came of it. */
export async function buildWithEngine(reference: string, baseImage: string, args: readonly string[]): Promise<{ id: string; sizeBytes: number; save: (file: string) => Promise<void> }> {
  await runProgram('docker', ['build', '--quiet', '--tag', reference, '--build-arg', `BASE_IMAGE=${baseImage}`, ...args])
  const [id = '', size = '0'] = (await runProgram('docker', ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', reference])).trim().split(' ')
  const save = async (file: string) => void (await runProgram('docker', ['save', '--output', file, reference]))
  return { id: id.replace('sha256:', ''), sizeBytes: Number(size), save }
}

async function succeeds(args: readonly string[]): Promise<boolean> {
  try {
    await runProgram('docker', args)
    return true
  } catch (error) {
    if (error instanceof CommandFailed) return false
    throw error
  }
}
