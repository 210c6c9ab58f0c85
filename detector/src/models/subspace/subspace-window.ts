import type { BentVector } from '../bent-vector.ts'
import type { FeatureDescriptor } from '../model.ts'
import { fitComponents } from './components.ts'
import type { Components } from './components.ts'
import { floorCovariance, measureScaling } from './scaling.ts'
import { SlidingCovariance } from './sliding-covariance.ts'

/** Deviations count up to so many scales in the covariance, */
const clip = 6
/** and end here in a score, so that no square is infinite. */
const farthest = 1e9
/** Components are computed when a tenth of the window is new, within bounds. */
const refreshShare = 0.1
const refreshLeast = 4
const refreshMost = 50
/** Scales and covariance are computed exactly when half of it is. */
const renewShare = 0.5
const renewLeast = 16

export interface WindowState {
  /** The vectors as they came; once there is no more room the one at `next` is the oldest. */
  ring: Float64Array
  next: number
  sinceRefresh: number
  sinceRenewal: number
  centres: Float64Array
  scales: Float64Array
  mean: Float64Array
  products: Float64Array
  /** What scores are made from: components as of the last refresh, and the mean of that time. */
  origin: Float64Array
  values: Float64Array
  directions: Float64Array
  kept: number
  t2Limit: number
  qLimit: number
}

export interface WindowParameters {
  components: number
  window: number
  tail: number
}

/**
 * The last vectors and their components. Covariance changes with each vector; components follow every so many; scales, and what the covariance has
 * gathered in rounding, more rarely, all at fixed numbers of vectors.
 */
export class SubspaceWindow {
  readonly curves: BentVector
  private readonly features: readonly FeatureDescriptor[]
  private readonly parameters: WindowParameters
  private ring: Float64Array
  private filled = 0
  private next = 0
  private sinceRefresh = 0
  private sinceRenewal = 0
  private centres: Float64Array
  private scales: Float64Array
  private readonly covariance: SlidingCovariance
  private origin: Float64Array
  private fitted: Components | undefined
  private readonly scratch: Float64Array

  private constructor(features: readonly FeatureDescriptor[], curves: BentVector, parameters: WindowParameters, room: number) {
    const d = features.length
    this.features = features
    this.curves = curves
    this.parameters = parameters
    this.ring = new Float64Array(Math.min(room, parameters.window) * d)
    this.centres = new Float64Array(d)
    this.scales = new Float64Array(d)
    this.origin = new Float64Array(d)
    this.scratch = new Float64Array(d)
    this.covariance = new SlidingCovariance(d)
  }

  /** @param rows the warm-up's vectors, oldest first; the last of them where the window is shorter. */
  static begin(features: readonly FeatureDescriptor[], curves: BentVector, parameters: WindowParameters, rows: Float64Array): SubspaceWindow {
    const used = rows.subarray(Math.max(0, rows.length - parameters.window * features.length))
    const window = new SubspaceWindow(features, curves, parameters, used.length / features.length)
    window.ring.set(used)
    window.filled = used.length / features.length
    window.renew()
    return window
  }

  /** Vectors in the window. */
  get count(): number {
    return this.filled
  }

  get components(): Components {
    return this.fitted!
  }

  /** The vector's deviation from the mean, in scales. */
  deviate(x: Float64Array): Float64Array {
    const { curves, centres, scales, origin } = this
    return x.map((value, f) => clipTo((curves.bend(f, value) - centres[f]!) / scales[f]! - origin[f]!, farthest))
  }

  /** A deviation back in its feature's own unit. */
  restore(f: number, deviation: number): number {
    return this.curves.unbend(f, this.centres[f]! + (deviation + this.origin[f]!) * this.scales[f]!)
  }

  /** A new vector; the oldest one goes when the window is full. */
  add(x: Float64Array): void {
    const d = this.features.length
    if (this.filled === this.parameters.window) {
      if (this.filled > 1) this.covariance.remove(this.standardise(this.ring.subarray(this.next * d, (this.next + 1) * d)))
    } else this.makeRoom()
    const at = this.filled === this.parameters.window ? this.next : this.filled
    this.ring.set(x, at * d)
    if (this.filled === this.parameters.window) this.next = (this.next + 1) % this.filled
    else this.filled++
    this.covariance.add(this.standardise(x))
    this.sinceRefresh++
    this.sinceRenewal++
    if (this.sinceRenewal >= Math.max(renewLeast, renewShare * this.filled)) this.renew()
    else if (this.sinceRefresh >= Math.max(refreshLeast, Math.min(refreshMost, refreshShare * this.filled))) this.refresh()
  }

  toState(): WindowState {
    const { centres, scales, origin, covariance, next, sinceRefresh, sinceRenewal } = this
    const ring = this.ring.subarray(0, this.filled * this.features.length)
    return { ring, next, sinceRefresh, sinceRenewal, centres, scales, mean: covariance.mean, products: covariance.products, origin, ...this.components }
  }

  static fromState(features: readonly FeatureDescriptor[], curves: BentVector, parameters: WindowParameters, state: WindowState): SubspaceWindow {
    const window = new SubspaceWindow(features, curves, parameters, state.ring.length / features.length)
    const { covariance } = window
    window.ring.set(state.ring)
    window.filled = state.ring.length / features.length
    window.next = state.next
    window.sinceRefresh = state.sinceRefresh
    window.sinceRenewal = state.sinceRenewal
    window.centres = Float64Array.from(state.centres)
    window.scales = Float64Array.from(state.scales)
    window.origin = Float64Array.from(state.origin)
    covariance.count = window.filled
    covariance.mean.set(state.mean)
    covariance.products.set(state.products)
    const { kept, t2Limit, qLimit } = state
    window.fitted = { kept, values: Float64Array.from(state.values), directions: Float64Array.from(state.directions), t2Limit, qLimit }
    return window
  }

  /** Everything from the vectors themselves. */
  private renew(): void {
    const d = this.features.length
    const rows = this.ring.subarray(0, this.filled * d)
    const { centres, scales } = measureScaling(this.features, this.curves, rows)
    this.centres = centres
    this.scales = scales
    this.covariance.clear()
    for (let at = 0; at < rows.length; at += d) this.covariance.add(this.standardise(rows.subarray(at, at + d)))
    this.sinceRenewal = 0
    this.refresh()
  }

  private refresh(): void {
    const d = this.features.length
    const { components, tail } = this.parameters
    this.fitted = fitComponents(floorCovariance(this.covariance.covariance(), d), d, components, this.filled, tail)
    this.origin = Float64Array.from(this.covariance.mean)
    this.sinceRefresh = 0
  }

  /** In a buffer that the next call overwrites. */
  private standardise(x: Float64Array): Float64Array {
    for (let f = 0; f < x.length; f++) this.scratch[f] = clipTo((this.curves.bend(f, x[f]!) - this.centres[f]!) / this.scales[f]!, clip)
    return this.scratch
  }

  private makeRoom(): void {
    const d = this.features.length
    if ((this.filled + 1) * d <= this.ring.length) return
    const ring = new Float64Array(Math.min(2 * this.filled, this.parameters.window) * d)
    ring.set(this.ring)
    this.ring = ring
  }
}

function clipTo(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value
}
