import { BentVector } from './bent-vector.ts'
import { checkVector, checkWeight } from './check-input.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { project } from './subspace/components.ts'
import { SubspaceWindow } from './subspace/subspace-window.ts'
import type { WindowState } from './subspace/subspace-window.ts'
import { fitWarmUp } from './warm-fit.ts'
import { WarmUp } from './warm-up.ts'

export interface SubspaceParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** Principal components kept; 0: those that explain 95 % of the variance. One fewer than the features at most. */
  components: number
  /** Vectors that the components are computed from. */
  window: number
  /** Probability with which each limit is exceeded by normal vectors that are what is assumed. */
  tail: number
}

const defaults: SubspaceParameters = { warmUp: 30, components: 0, window: 500, tail: 3e-7 }

const ranges: { readonly [K in keyof SubspaceParameters]: readonly [number, number] } = {
  warmUp: [1, 100_000],
  components: [0, 64],
  window: [10, 10_000],
  tail: [1e-12, 0.1],
}

const kind = 'subspace'
const version = 1

/**
 * Principal components of the last vectors: a vector is anomalous when it lies far out along the directions in which they vary (T2), or off these
 * directions (Q): when the features do not go together as they did.
 *
 *     z_f = (y_f - median_f)/scale_f - mean_f ;   T2 = sum (p_a'z)^2/lambda_a,  Q = |z - reconstruction|^2     (components.ts)
 *     value = sqrt(max(T2/T2 limit, Q/Q limit)) / doubt,   raw = max(T2/T2 limit, Q/Q limit)
 *
 * y = x, or the bent x of a `log` feature (feature-curve.ts). The root makes value a distance: 2 is twice as far out as the boundary. Limits: F's
 * quantile for T2, Jackson and Mudholkar's for Q (limits.ts). doubt: 1 + 5/(independent vectors in the window). contributions: the features' parts
 * in the statistic that decided. expected: the reconstruction, what the features would be if they went together.
 *
 * - assumes: features that go together linearly (on their curves) for as long as the window is; the window spans what a season does, or much less.
 * - fails when: all features are off together, as they often are: T2 sees that only as far as it is out of the window's range, so that a ramp within
 *   the range of a season is not found; there are several regimes (the model is one ellipsoid); a feature has no relation to any other.
 *   What an anomaly is expected to be holds some of the anomaly, as the reconstruction is made from it.
 * - cost: O(features x components) a score, O(features^2) a vector learned, O(features^3) every 50 vectors: 5 microseconds at 6 features, 17 at 24. 8 bytes a feature and vector of the window,
 *   16 a pair of features: 24.6 KB at 6 features.
 * - guarantees: no chance; scales from medians, deviations clipped to six scales in the window, anomalous vectors enter it one in ten (all of them after 200
 *   in a row). A constant feature, equal ones and a single one are judged as well.
 * - reference: Jackson and Mudholkar 1979, Technometrics 21:341; Li et al. 2000, J. Process Control 10:471 (recursive); algorithms 4.5.
 */
export function subspace(given: Given<SubspaceParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  return {
    kind,
    takesPrior: true,
    create: (features) => new Subspace(features, parameters),
    restore: (features, snapshot) => Subspace.fromState(features, parameters, readState<State>(snapshot, kind, version)),
  }
}

/** How much wider the boundary is for what the limits may be wrong by, over the independent vectors in the window. */
const doubt = 5
/** After so many vectors in a row that were judged anomalous they are what is normal now. */
const longestBout = 200
/** Where no direction is dropped Q has nothing to say. */
const noRatio = 0

interface State {
  warmUp: Float64Array | null
  learned: number
  independence: number
  credit: number
  bout: number
  curves: Float64Array | null
  window: WindowState | null
}

class Subspace implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly parameters: SubspaceParameters
  private warmUp: WarmUp | undefined
  private window: SubspaceWindow | undefined
  /** Independent vectors in one, in (0, 1]: windows that overlap repeat each other. */
  private independence = 1
  private credit = 0
  private bout = 0

  constructor(features: readonly FeatureDescriptor[], parameters: SubspaceParameters) {
    this.features = features
    this.parameters = parameters
    this.warmUp = new WarmUp(features.length, parameters.warmUp)
  }

  isReady(): boolean {
    return this.window !== undefined
  }

  progress(): { learned: number; needed: number } {
    const needed = this.parameters.warmUp
    return { learned: this.warmUp?.learned ?? needed, needed }
  }

  score(x: Float64Array): Score | undefined {
    checkVector(x, this.features.length)
    const { window } = this
    if (window === undefined) return undefined
    const { components } = window
    const z = window.deviate(x)
    const { t2, q, t2Parts, residual } = project(components, z)
    const t2Ratio = t2 / components.t2Limit
    const qRatio = components.qLimit > 0 ? q / components.qLimit : noRatio
    const raw = Math.max(t2Ratio, qRatio)
    const value = Math.sqrt(raw) / (1 + doubt / (window.count * this.independence))
    const parts = t2Ratio >= qRatio ? t2Parts : residual.map((part) => part * part)
    const whole = parts.reduce((sum, part) => sum + part, 0)
    const contributions = parts.map((part) => (whole > 0 ? value * (part / whole) : 0))
    const expected = z.map((part, f) => window.restore(f, part - residual[f]!))
    return { value, raw, contributions, expected }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    if (this.window === undefined) this.prepare(x)
    else this.follow(this.window, x, weight)
  }

  snapshot(): ModelSnapshot {
    const { warmUp, window, independence, credit, bout } = this
    const state: State = {
      warmUp: warmUp?.toState() ?? null,
      learned: warmUp?.learned ?? this.parameters.warmUp,
      independence,
      credit,
      bout,
      curves: window?.curves.toState() ?? null,
      window: window?.toState() ?? null,
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], parameters: SubspaceParameters, state: State): Subspace {
    const model = new Subspace(features, parameters)
    if (state.warmUp !== null) model.warmUp!.load(state.warmUp, state.learned)
    model.independence = state.independence
    model.credit = state.credit
    model.bout = state.bout
    if (state.curves === null || state.window === null) return model
    model.window = SubspaceWindow.fromState(features, BentVector.fromState(state.curves), parameters, state.window)
    model.warmUp = undefined
    return model
  }

  /** Warm-up; its last vector makes curves, scales and components. */
  private prepare(x: Float64Array): void {
    const warmUp = this.warmUp!
    warmUp.add(x)
    if (!warmUp.isComplete()) return
    const rows = warmUp.inOrder()
    const curves = BentVector.choose(this.features, rows, warmUp.kept)
    this.independence = fitWarmUp(this.features, curves, rows, warmUp.kept).independence
    this.window = SubspaceWindow.begin(this.features, curves, this.parameters, rows)
    this.warmUp = undefined
  }

  /** A weight is credit: with 0.1 every tenth vector enters the window. */
  private follow(window: SubspaceWindow, x: Float64Array, weight: number): void {
    this.bout = weight < 1 ? this.bout + 1 : 0
    this.credit += this.bout > longestBout ? 1 : weight
    if (this.credit < 1) return
    this.credit -= 1
    window.add(x)
  }
}
