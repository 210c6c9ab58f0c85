import { checkRanges, withDefaults, type Given } from '../parameters.ts'
import { readState } from '../read-state.ts'
import { checkFinite, type DriftDetector, type DriftDetectorFactory, type DriftSnapshot } from './drift-detector.ts'

export interface PageHinkleyParameters {
  /** Numbers before the first detection. */
  minInstances: number
  /** A change of the mean by less than this is none. In the numbers' own unit. */
  delta: number
  /** The sum of deviations that is a drift: less is sooner and more often wrong. */
  threshold: number
  /** What is kept of the sum at each number. */
  alpha: number
}

const defaults: PageHinkleyParameters = { minInstances: 30, delta: 0.005, threshold: 50, alpha: 0.9999 }

const ranges: { readonly [K in keyof PageHinkleyParameters]: readonly [number, number] } = {
  minInstances: [1, 1_000_000],
  delta: [0, 1e9],
  threshold: [Number.MIN_VALUE, 1e12],
  alpha: [0.5, 1],
}

const kind = 'pageHinkley'
const version = 1

/**
 * Page-Hinkley: the sum of deviations from the mean so far, and how far it has come from its own extreme.
 *
 *     mean first ;   up = alpha up + (x - mean) - delta ;   down = alpha down + (x - mean) + delta
 *     a drift: up - min(up) > threshold, or max(down) - down > threshold ;   then everything starts anew
 *
 * - assumes: numbers whose mean moves in steps; delta and threshold are in their unit.
 * - fails when: the unit is not known: one threshold does not fit all. ADWIN needs none.
 * - cost: a few additions a number; 7 numbers of memory.
 * - guarantees: no chance; restored to the bit.
 * - reference: Page 1954, "Continuous inspection schemes", Biometrika; Hinkley 1971; algorithms 4.2; the vectors are of river 0.26.1.
 *
 * @throws RangeError for a parameter out of its range.
 */
export function pageHinkley(given: Given<PageHinkleyParameters> = {}): DriftDetectorFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  return {
    kind,
    create: () => new PageHinkley(parameters),
    restore: (snapshot) => new PageHinkley(parameters, readState<State>(snapshot, kind, version)),
  }
}

interface State {
  count: number
  mean: number
  up: number
  down: number
  lowest: number
  highest: number
  hasDrifted: boolean
}

// The first number lies on its own mean: up is at most 0 with it, and down at least.
const nothing: State = { count: 0, mean: 0, up: 0, down: 0, lowest: 0, highest: 0, hasDrifted: false }

class PageHinkley implements DriftDetector {
  readonly #parameters: PageHinkleyParameters
  #state: State

  constructor(parameters: PageHinkleyParameters, state: State = nothing) {
    this.#parameters = parameters
    this.#state = { ...state }
  }

  observe(x: number): boolean {
    checkFinite(x)
    const { minInstances, delta, threshold, alpha } = this.#parameters
    if (this.#state.hasDrifted) this.#state = { ...nothing }
    const state = this.#state
    state.count++
    state.mean += (x - state.mean) / state.count
    const deviation = x - state.mean
    state.up = alpha * state.up + deviation - delta
    state.down = alpha * state.down + deviation + delta
    state.lowest = Math.min(state.lowest, state.up)
    state.highest = Math.max(state.highest, state.down)
    state.hasDrifted = state.count >= minInstances && (state.up - state.lowest > threshold || state.highest - state.down > threshold)
    return state.hasDrifted
  }

  snapshot(): DriftSnapshot {
    return { kind, version, state: { ...this.#state } }
  }
}
