import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../scenario.ts'

const rounds = { short: 2, long: 8 }
/** How long the broker is away, at most. */
const mostAwayMs = { short: 2_000, long: 10_000 }

/** The broker is ended in order and by kill -9 in turn, at a random moment; every other round a detector dies while it is away. */
export const broker: Scenario = {
  name: 'broker',
  story: 'the broker is restarted, in order and by kill -9, while detectors work',
  detectors: { first: 3, most: 3 },
  loadMs: { short: 25_000, long: 240_000 },
  async run(stage, form) {
    for (let round = 0; round < rounds[form]; round++) {
      await stage.recovered()
      await sleep(stage.draw() * 2_000)
      const isClean = round % 2 === 0
      await stage.broker.kill(isClean ? 'SIGTERM' : 'SIGKILL')
      const awayMs = Math.round(stage.draw() * mostAwayMs[form])
      stage.fault(isClean ? 'broker restarted' : 'broker killed', `away for ${awayMs} ms`)
      await sleep(awayMs)
      const slot = round % 3
      if (round % 4 >= 2 && stage.crew.signal(slot, 'SIGKILL')) stage.fault('SIGKILL', `detector ${slot}, while the broker is away`)
      await stage.broker.restart()
    }
  },
}
