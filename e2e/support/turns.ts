import { basename } from 'node:path'
import { beforeAll, expect, inject } from 'vitest'
import { eventually } from './eventually.ts'
import { isDone, listEarlier } from './turn-marks.ts'

/** Longer than all stories together take. */
const patienceMs = 900_000

/** Waits for the file's turn before all other hooks; platform/story-order.ts marks it as done. */
export function useTurn(): void {
  const folder = inject('turnsFolder')
  const turns = inject('turns')
  beforeAll(async () => {
    const earlier = listEarlier(turns, expect.getState().testPath ?? '')
    const readWaiting = async () => earlier.filter((file) => !isDone(folder, file)).map((file) => basename(file))
    await eventually('the files before this one are done', readWaiting, ({ length }) => length === 0, { timeoutMs: patienceMs, everyMs: 200 })
  })
}
