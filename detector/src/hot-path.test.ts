import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

interface Measured {
  bytesPerReading: number
  windowsJudged: number
}

/**
 * What a reading may take of the heap on its way, with its share of the window it is in. Most of it is that share: of ten readings here one
 * closes a window, whose score has two lists of parts. Times are no part of this: whatever makes an object or a string of each reading is,
 * and there is no room for even a small one.
 */
const mostBytes: Record<string, number> = { 'long form, sliding windows': 230, 'wide form, tumbling windows': 245 }

test('a reading takes no more memory than it did', { timeout: 300_000 }, async () => {
  const script = fileURLToPath(new URL('testing/count-allocations.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--min-semi-space-size=64', '--max-semi-space-size=64', script])
  const measured = JSON.parse(stdout) as Record<string, Measured>
  expect(Object.keys(measured)).toEqual(Object.keys(mostBytes))
  for (const [name, { bytesPerReading, windowsJudged }] of Object.entries(measured)) {
    expect(bytesPerReading, `${name}: bytes of heap a reading, of at most ${mostBytes[name]}. Look at what is new on the way of each record: npm run bench:hot-path -- --profile out/hot.cpuprofile`).toBeLessThanOrEqual(mostBytes[name]!)
    // An empty heap proves nothing where nothing was done.
    expect(bytesPerReading, name).toBeGreaterThan(0)
    expect(windowsJudged, name).toBe(15_000)
  }
})
