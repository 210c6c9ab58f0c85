import { hashString } from '@tidewatch/kit'
import { checkVector, checkWeight } from './check-input.ts'
import { combine } from './ensemble/combine.ts'
import type { EnsembleMode } from './ensemble/combine.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { readState } from './read-state.ts'
import { TailCalibrator } from './tail-calibrator.ts'
import type { TailCalibratorState } from './tail-calibrator.ts'

const kind = 'ensemble'
const version = 1

const fewest = 2
const most = 8

/**
 * Several models that judge together, by how rare each one's value is and never by the value itself.
 *
 *     v_i = ln p_i / ln p0       p_i: tail probability of member i's value (tail-calibrator.ts), the value itself before it was learned
 *     Mean: value = raw = mean of v_i        Consensus: value = raw = least of v_i
 *
 * contributions: value in proportion to the members' shares (ensemble/combine.ts). expected: that of the first member that has one.
 * Ready when all members are. A vector judged anomalous teaches members and calibrators with its weight, and one that a member alone finds
 * anomalous teaches that member with 0.1.
 *
 * - assumes: members that err in different ways; otherwise it is one of them, at several times the cost.
 * - fails when: a fault is plain to one member and hidden from the others. Mean: of three one alone must be at three times its boundary, so a slow drift
 *   that microClusters finds is found half as often together with robustZScore, which follows it. Consensus: a fault that a member cannot see is never told.
 * - cost: that of its members, and a tail calibrator for each: half a microsecond and 3.5 KiB. A vector that is learned right after it was scored
 *   is not scored again.
 * - guarantees: bounded by its members; features' order does not matter where it does not to them; restored to the bit.
 * - reference: Fisher 1932, "Statistical Methods for Research Workers", 21.1 (the mean of logarithms); Schubert et al. 2012, "On evaluation of
 *   outlier rankings and outlier scores", SDM (why to calibrate before combining).
 *
 * @param members 2 to 8 makers of models, none of them of ensembles.
 * @throws RangeError for fewer, more, or an ensemble among them.
 */
export function ensemble(members: readonly ModelFactory[], mode: EnsembleMode = 'Mean'): ModelFactory {
  if (members.length < fewest || members.length > most) throw new RangeError(`${kind}: ${members.length} members, not ${fewest} to ${most}`)
  if (members.some((member) => member.kind === kind)) throw new RangeError(`${kind}: a member is an ${kind}: write its members instead`)
  return {
    kind,
    takesPrior: members.every(({ takesPrior = false }) => takesPrior),
    create: (features, seed) =>
      new Ensemble(features, mode, members.map((member, i) => ({ model: member.create(features, hashString(`${seed}/${i}`)), calibrator: new TailCalibrator(leastScale) }))),
    restore: (features, snapshot) => Ensemble.fromState(features, mode, members, readState<State>(snapshot, kind, version)),
  }
}

/**
 * A member learns what it finds anomalous as it would alone, whatever the others say: else the onset of a fault that one sees first would be normal
 * to it before the others come to see it.
 */
const anomalousWeight = 0.1

/**
 * Of a member's values, whose tail has a scale of 1/8 where the member is right about itself. One that says 0 of its first vectors, as randomCutForest does of
 * most, must not find the first 0.1 beyond all measure: it made the ensemble's value 200,000 for a hundred vectors.
 */
const leastScale = 0.05

interface Member {
  model: Model
  calibrator: TailCalibrator
}

interface State {
  members: { model: ModelSnapshot; calibrator: TailCalibratorState }[]
}

/** What the members said last, and of what: whoever scores a vector mostly learns it next. */
const last = { judge: undefined as Ensemble | undefined, x: new Float64Array(0), scores: [] as (Score | undefined)[] }

class Ensemble implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly mode: EnsembleMode
  private readonly members: readonly Member[]

  constructor(features: readonly FeatureDescriptor[], mode: EnsembleMode, members: readonly Member[]) {
    this.features = features
    this.mode = mode
    this.members = members
  }

  isReady(): boolean {
    return this.members.every(({ model }) => model.isReady())
  }

  /** As far as its slowest member. */
  progress(): { learned: number; needed: number } {
    const all = this.members.map(({ model }) => model.progress())
    const needed = Math.max(...all.map((each) => each.needed))
    return { learned: needed - Math.max(...all.map((each) => each.needed - each.learned)), needed }
  }

  score(x: Float64Array): Score | undefined {
    checkVector(x, this.features.length)
    if (!this.isReady()) return undefined
    const scores = this.judge(x)
    const values = this.members.map(({ calibrator }, i) => calibrator.value(scores[i]!.value, scores[i]!.value))
    const { value, contributions } = combine(this.mode, values, scores.map((score) => score!.contributions))
    return { value, raw: value, contributions, expected: scores.find((score) => score!.expected !== undefined)?.expected }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    const scores = this.judge(x)
    last.judge = undefined
    this.members.forEach(({ model, calibrator }, i) => {
      const score = scores[i]
      const taught = score !== undefined && score.value > 1 ? Math.min(weight, anomalousWeight) : weight
      if (score !== undefined) calibrator.observe(score.value, taught, score.value)
      model.learn(x, taught)
    })
  }

  snapshot(): ModelSnapshot {
    const state: State = { members: this.members.map(({ model, calibrator }) => ({ model: model.snapshot(), calibrator: calibrator.toState() })) }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], mode: EnsembleMode, factories: readonly ModelFactory[], { members }: State): Ensemble {
    const kinds = members.map(({ model }) => model.kind)
    if (kinds.length !== factories.length) throw new Error(`cannot read a snapshot of an ${kind} of ${kinds.join(', ')}: this one is of ${factories.map((factory) => factory.kind).join(', ')}`)
    return new Ensemble(features, mode, members.map(({ model, calibrator }, i) => ({ model: factories[i]!.restore(features, model), calibrator: TailCalibrator.fromState(calibrator, leastScale) })))
  }

  /** What each member says; undefined of those that are not ready. */
  private judge(x: Float64Array): readonly (Score | undefined)[] {
    if (last.judge === this && isSame(last.x, x)) return last.scores
    if (last.x.length !== x.length) last.x = new Float64Array(x.length)
    last.x.set(x)
    last.scores = this.members.map(({ model }) => model.score(x))
    last.judge = this
    return last.scores
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
