import { expect, test } from 'vitest'
import { Cleanup } from './cleanup.ts'

test('undoes the last thing first, also behind one that fails, and only once', async () => {
  const done: string[] = []
  const cleanup = new Cleanup()
  cleanup.add('first', () => void done.push('first'))
  cleanup.add('stop the second', () => Promise.reject(new Error('it is stuck')))
  cleanup.add('third', async () => void done.push('third'))
  expect(await cleanup.run()).toEqual(['could not stop the second: it is stuck'])
  expect(await cleanup.run()).toEqual([])
  expect(done).toEqual(['third', 'first'])
})

test('in a hurry it does not wait for what hangs', async () => {
  const done: string[] = []
  const cleanup = new Cleanup()
  cleanup.add('first', () => void done.push('first'))
  cleanup.add('second', () => new Promise(() => {}))
  cleanup.hurry()
  expect(await cleanup.run()).toEqual([])
  expect(done).toEqual(['first'])
})
