import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const sizes = [8, 3] as const
/** How long each size is kept after all partitions go on. */
const keptMs = { short: 2_000, long: 50_000 }

/** 1 -> 8 -> 3 detectors under load. For each step it is told how long partitions brought nothing, and how often the group rebalanced. */
export const rescaling: Scenario = {
  name: 'rescaling',
  story: '1 -> 8 -> 3 detectors under load',
  detectors: { first: 1, most: 8 },
  loadMs: { short: 35_000, long: 150_000 },
  async run(stage, form) {
    for (const size of sizes) {
      await stage.recovered()
      await rescale(stage, size, keptMs[form])
    }
  },
}

async function rescale(stage: Stage, size: number, forMs: number): Promise<void> {
  const { crew, progress, steps } = stage
  const beganMs = performance.now()
  const [before, generations] = [crew.size, crew.generations]
  const step = `${before} -> ${size}`
  stage.fault('rescaling', step)
  await crew.employ(size)
  await stage.until(`all of ${size} detectors are members`, () => crew.members === size)
  await stage.recovered()
  await sleep(forMs)
  steps.push({ step, silenceSeconds: progress.longestSilenceMs(beganMs) / 1_000, rebalances: crew.generations - generations })
}
