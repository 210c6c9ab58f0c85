/** From a fleet or a recording to an ONNX file: `npm run model -- [options of training/export.ts]`; writes out/model/autoencoder.onnx and .json. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@tidewatch/kit'
import { ensurePython } from '../bench/accuracy/peers/install.ts'

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const sequences = 'out/model/sequences.json'
const network = 'out/model/autoencoder.onnx'

try {
  await run(process.execPath, [pathOf('export.ts'), ...process.argv.slice(2), '--out', sequences])
  await run(await ensurePython(pathOf('requirements.txt')), [pathOf('train.py'), '--sequences', sequences, '--out', network])
} catch (error) {
  console.error(`model: ${messageOf(error)}`)
  process.exitCode = 1
}

/** @throws Error where it does not end with 0; it has said itself why. */
async function run(command: string, args: readonly string[]): Promise<void> {
  // One thread: the matrices are small, and threads that wait for each other take longer.
  const child = spawn(command, [...args], { stdio: 'inherit', env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${args[0] ?? command} ended with ${String(code)}`)
}
