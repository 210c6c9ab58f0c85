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
