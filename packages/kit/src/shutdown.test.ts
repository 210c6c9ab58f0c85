import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Shutdown } from './shutdown.ts'

const silent = pino({ level: 'silent' })

test('steps run in the reverse of their order, once, and the signal aborts first', async () => {
  const seen: string[] = []
  const shutdown = new Shutdown(silent, (code) => seen.push(`exit ${code}`))
  shutdown.signal.addEventListener('abort', () => seen.push('abort'))
  shutdown.add('server', () => void seen.push('server'))
  shutdown.add('loop', async () => void seen.push('loop'))
  await Promise.all([shutdown.run(0), shutdown.run(3)])
  expect(seen).toEqual(['abort', 'loop', 'server', 'exit 0'])
})

test('a step that fails does not keep the others from running, and the exit code tells', async () => {
  const seen: string[] = []
  const shutdown = new Shutdown(silent, (code) => seen.push(`exit ${code}`))
  shutdown.add('first', () => void seen.push('first'))
  shutdown.add('second', () => Promise.reject(new Error('broken')))
  await shutdown.run(0)
  expect(seen).toEqual(['first', 'exit 1'])
})

test('a step that never ends is not waited for', async () => {
  const code = await new Promise<number>((resolve) => {
    const shutdown = new Shutdown(silent, resolve, 20)
    shutdown.add('stuck', () => new Promise<void>(() => {}))
    void shutdown.run(0)
  })
  expect(code).toBe(1)
})

/** A process that says how it ends: its code, and whether a signal has told it to. What it does then is the last line of its script. */
const script = (then: string) => `
const { createLogger, Shutdown } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))})
const shutdown = new Shutdown(createLogger({ name: 'test', level: 'silent' }), (code) => process.exit(shutdown.isTold ? 100 + code : code))
shutdown.install()
${then}`

test.each([
  ['was told to end', 'setInterval(() => {}, 1_000); console.log("ready")', 'SIGTERM', 100],
  ['was told to end by its terminal', 'setInterval(() => {}, 1_000); console.log("ready")', 'SIGINT', 100],
  ['failed, and was told to end on its way down', 'shutdown.add("wait", () => new Promise((resolve) => process.once("SIGTERM", resolve))); void shutdown.run(1); setInterval(() => {}, 1_000); console.log("ready")', 'SIGTERM', 101],
  ['failed by itself', 'console.log("ready"); throw new Error("broken")', undefined, 1],
] as const)('a process that %s knows', async (_, then, signal, code) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(then)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  if (signal !== undefined) child.kill(signal)
  expect(await exited).toEqual([code, null])
})
