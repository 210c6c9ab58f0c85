import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const command = fileURLToPath(new URL('../bench/speed.ts', import.meta.url))
const run = (...args: string[]) => promisify(execFile)(process.execPath, [command, ...args])

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'bench-speed-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the benchmark of speed runs two of our detectors and the bare loop, checks what they wrote, and says how fast they were', async () => {
  const file = join(folder, 'speed.json')
  const { stdout } = await run('--devices', '40', '--readings', '4000', '--compression', 'lz4', '--contender', 'tidewatch/ExactlyOnce/2', '--contender', 'tidewatch/AtLeastOnce/1', '--contender', 'bare-loop', '--json', file)
  const { contenders, ratios } = JSON.parse(readFileSync(file, 'utf8')) as { contenders: Record<string, unknown>[]; ratios: Record<string, { min: number; median: number; max: number }> }
  // 100 s of readings hold three windows of 60 s behind the two that are learned.
  expect(contenders.map(({ name, guarantee, workers, compression, windows }) => [name, guarantee, workers, compression, windows])).toEqual([
    ['tidewatch', 'AtLeastOnce', 1, 'lz4', 120],
    ['tidewatch', 'ExactlyOnce', 2, 'lz4', 120],
    ['bare-loop', 'None', 1, 'lz4', 0],
  ])
  for (const { readingsPerSecond, perCpuSecond, peakRssBytes } of contenders) expect(Math.min(readingsPerSecond as number, perCpuSecond as number, peakRssBytes as number)).toBeGreaterThan(0)
  expect(Object.keys(ratios)).toEqual(['bare-loop, lz4'])
  expect(ratios['bare-loop, lz4']!.median).toBe((contenders[0]!['readingsPerSecond'] as number) / (contenders[2]!['readingsPerSecond'] as number))
  expect(stdout).toContain('4,000 readings of 40 devices, 1 round')
})

test('a contender that there is not is named in one sentence', async () => {
  await expect(run('--contender', 'spark')).rejects.toMatchObject({
    code: 2,
    stderr: 'There is no contender "spark": name tidewatch, kafka-streams, flink, river, bare-loop, or one of them with its guarantee and workers, such as kafka-streams/AtLeastOnce/1\n',
  })
})
