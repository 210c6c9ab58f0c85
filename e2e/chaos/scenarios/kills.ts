import { setTimeout as sleep } from 'node:timers/promises'
import { points, type PointName } from '../proxy/points.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const places: readonly (PointName | 'atRandom')[] = ['beforeInit', 'insideTransaction', 'afterOffsets', 'commitUnanswered', 'beforeCheckpoint', 'whileRestoring', 'atRandom']
const signals = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const
type Signal = (typeof signals)[number]

/** How long a stopped process stands still; more than its session in both forms. */
const standStillMs = { short: 8_000, long: 60_000 }

/**
 * Three detectors; each round one place, at which each gets another signal. In the long form every signal comes to every place, in the
 * short one every place gets one of them.
 *
 *     detector 0   ...... SIGSTOP at the place ................................. SIGCONT ...
 *     detector 1   ............ SIGKILL at the place ... begun again ............
 *     detector 2   .................... SIGTERM at the place ... begun again .....
 */
export const kills: Scenario = {
  name: 'kills',
  story: 'kill -9, SIGTERM and standing still, at random and at each point of a detector’s life',
  detectors: { first: 3, most: 3 },
  loadMs: { short: 55_000, long: 480_000 },
  async run(stage, form) {
    for (const [round, place] of places.entries()) {
      if (form === 'short') {
        await stage.recovered()
        await strike(stage, round % 3, signals[round % 3]!, place, standStillMs.short)
        continue
      }
      await stage.recovered()
      const stopped = strike(stage, round % 3, 'SIGSTOP', place, standStillMs.long)
      // A failure of it is told when it is waited for.
      stopped.catch(() => {})
      await strike(stage, (round + 1) % 3, 'SIGKILL', place, 0)
      await strike(stage, (round + 2) % 3, 'SIGTERM', place, 0)
      await sleep(stage.draw() * 5_000)
      await strike(stage, (round + 1) % 3, 'SIGKILL', 'atRandom', 0)
      await stopped
    }
  },
}

async function strike(stage: Stage, slot: number, signal: Signal, place: PointName | 'atRandom', stillMs: number): Promise<void> {
  const { crew } = stage
  let isHit = false
  const hit = () => {
    isHit = crew.signal(slot, signal)
    if (isHit) stage.fault(signal, `detector ${slot}, ${place === 'atRandom' ? 'at random' : points[place].label}`)
    return signal === 'SIGKILL'
  }
  if (place === 'atRandom') {
    await sleep(stage.draw() * 2_000)
    await stage.until(`detector ${slot} runs`, () => (isHit || hit(), isHit))
  } else {
    await crew.at(slot, place, hit)
  }
  if (signal !== 'SIGSTOP') return
  await sleep(stillMs)
  crew.signal(slot, 'SIGCONT')
  stage.say(`SIGCONT: detector ${slot}`)
}
