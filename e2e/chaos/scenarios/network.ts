import { setTimeout as sleep } from 'node:timers/promises'
import { points, type PointName } from '../proxy/points.ts'
import type { Form, Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

/** How long a fault lasts: within the detector's session, or beyond it. */
type Length = 'brief' | 'lasting'
const lastsMs: Record<Form, Record<Length, number>> = { short: { brief: 2_500, lasting: 7_000 }, long: { brief: 3_000, lasting: 20_000 } }

/** Places at which a connection breaks with an answer under way. */
const resetPlaces: readonly PointName[] = ['insideTransaction', 'afterOffsets', 'commitUnanswered', 'beforeInit', 'whileRestoring']
const delayMs = { brief: 50, lasting: 400 }

interface Fault {
  kind: string
  /** How long it lasts in the short form; both in the long one. */
  short: Length
  /** Begins it on the way of one detector; `heal` ends it. */
  begin: (stage: Stage, slot: number, length: Length) => void
}

const faults: readonly Fault[] = [
  { kind: 'delay', short: 'brief', begin: ({ crew }, slot, length) => crew.proxy(slot).delay(delayMs[length]) },
  { kind: 'reset', short: 'brief', begin: ({ crew }, slot) => void crew.proxy(slot).reset() },
  { kind: 'partition of requests', short: 'lasting', begin: ({ crew }, slot) => crew.proxy(slot).partition('requests') },
  { kind: 'partition of answers', short: 'brief', begin: ({ crew }, slot) => crew.proxy(slot).partition('answers') },
  { kind: 'partition both ways', short: 'lasting', begin: ({ crew }, slot) => crew.proxy(slot).partition('both') },
]
/** By itself and last, because a detector needs 30 s to find out what it is talking to. */
const halfOpen: Fault = { kind: 'half-open', short: 'brief', begin: ({ crew }, slot) => void crew.proxy(slot).halfOpen() }

/** Each kind of fault on the way of one detector after the other; broken connections at exact places; connections that are half open. */
export const network: Scenario = {
  name: 'network',
  story: 'connections are delayed, reset, left half-open and cut one way and both',
  detectors: { first: 3, most: 3 },
  loadMs: { short: 45_000, long: 260_000 },
  async run(stage, form) {
    let turn = 0
    const lengthsOf = ({ short }: Fault): readonly Length[] => (form === 'short' ? [short] : ['brief', 'lasting'])
    for (const fault of faults) for (const length of lengthsOf(fault)) await disturb(stage, turn++ % 3, fault, length, lastsMs[form][length])
    for (const place of form === 'short' ? resetPlaces.slice(0, 3) : [...resetPlaces, ...resetPlaces]) {
      const slot = turn++ % 3
      await stage.recovered()
      await stage.crew.at(slot, place, () => {
        stage.crew.proxy(slot).reset()
        stage.fault('reset', `detector ${slot}, ${points[place].label}`)
        return true
      })
    }
    for (const length of lengthsOf(halfOpen)) await disturb(stage, turn++ % 3, halfOpen, length, lastsMs[form][length])
  },
}

async function disturb(stage: Stage, slot: number, { kind, begin }: Fault, length: Length, ms: number): Promise<void> {
  await stage.recovered()
  await sleep(stage.draw() * 1_000)
  begin(stage, slot, length)
  stage.fault(kind, `detector ${slot}, ${ms} ms`)
  await sleep(ms)
  stage.crew.proxy(slot).heal()
}
