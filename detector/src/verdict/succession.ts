import type { DriftDetector, DriftDetectorFactory } from '../models/drift/drift-detector.ts'
import type { Model } from '../models/model.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { anomalousWeight } from './anomalous-weight.ts'

/** Scores count up to here: how far beyond twice the boundary one lies says nothing of the others. */
const mostOfScore = 2

/** Windows that both models judge before one of them stays. */
export const trialWindows = 30

/** The new model must score this part of the old one's at most: a drift that was none must not cost what was learned. */
const leastGain = 0.8

/** What a window has brought: a drift was found and another model begun, it has taken the old one's place, or the old one stays. */
export type SuccessionStep = 'drift' | 'replaced' | 'kept'

/** The model that may be replaced. */
export interface Incumbent {
  model: Model | undefined
  learned: number
  generation: number
}

/** How models are made and how long they learn. */
export interface SuccessionTerms {
  readonly drifts: DriftDetectorFactory
  readonly warmUp: number
}

/** A model beside the one that judges. */
interface Candidate {
  model: Model
  learned: number
  judged: number
  /** Sums over the windows that both judged. */
  oldScores: number
  newScores: number
}

/**
 * Finds out that what is normal has changed for good, and brings up a model that knows only what is new.
 *
 *     scores     _____________/^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\_________
 *     drift                       found                       watched again
 *     candidate                   |- learns (warmUp) -|- trial -| in its place, generation + 1
 *     judges     old model ...................................| new model
 *
 * The old model judges, and learns, as if nothing were until the trial is over: thirty windows that both judge. The candidate takes
 * its place only where it scores them clearly lower; else the drift was none, or is over, and the candidate is dropped.
 */
export class Succession {
  #drift: DriftDetector
  #candidate: Candidate | undefined

  constructor(drift: DriftDetector) {
    this.#drift = drift
  }

  /**
   * Takes in a vector that the incumbent has judged.
   *
   * @param limit scores above are anomalous.
   * @param createModel makes an empty model for the incumbent's vectors.
   */
  observe(incumbent: Incumbent, x: Float64Array, score: number, limit: number | undefined, { warmUp }: SuccessionTerms, createModel: () => Model): SuccessionStep | undefined {
    const candidate = this.#candidate
    if (candidate !== undefined) return this.#try(candidate, incumbent, x, score, limit, warmUp)
    if (!this.#drift.observe(Math.min(score, mostOfScore))) return undefined
    this.#candidate = { model: createModel(), learned: 0, judged: 0, oldScores: 0, newScores: 0 }
    return 'drift'
  }

  /** @param writeModel writes a model's snapshot. */
  writeTo(writer: SnapshotWriter, writeModel: (model: Model) => void): void {
    const { kind, version, state } = this.#drift.snapshot()
    writer.name(kind)
    writer.u32(version)
    writer.value(state)
    const candidate = this.#candidate
    writer.u8(candidate === undefined ? 0 : 1)
    if (candidate === undefined) return
    writeModel(candidate.model)
    writer.f64(candidate.learned)
    writer.u32(candidate.judged)
    writer.f64(candidate.oldScores)
    writer.f64(candidate.newScores)
  }

  /**
   * Reads what `writeTo` wrote.
   *
   * @param drifts undefined where nobody watches for drifts any more: then what was written is passed over.
   */
  static readFrom(reader: SnapshotReader, readModel: () => Model, drifts: DriftDetectorFactory | undefined): Succession | undefined {
    const snapshot = { kind: reader.name(), version: reader.u32(), state: reader.value() }
    const hasCandidate = reader.u8() === 1
    const candidate = hasCandidate ? { model: readModel(), learned: reader.f64(), judged: reader.u32(), oldScores: reader.f64(), newScores: reader.f64() } : undefined
    if (drifts === undefined) return undefined
    const succession = new Succession(drifts.restore(snapshot))
    succession.#candidate = candidate
    return succession
  }

  #try(candidate: Candidate, incumbent: Incumbent, x: Float64Array, score: number, limit: number | undefined, warmUp: number): SuccessionStep | undefined {
    const own = candidate.learned >= warmUp ? candidate.model.score(x)?.value : undefined
    candidate.model.learn(x, own !== undefined && limit !== undefined && own > limit ? anomalousWeight : 1)
    candidate.learned++
    if (own === undefined) return undefined
    candidate.judged++
    candidate.oldScores += Math.min(score, mostOfScore)
    candidate.newScores += Math.min(own, mostOfScore)
    if (candidate.judged < trialWindows) return undefined
    this.#candidate = undefined
    if (candidate.newScores > leastGain * candidate.oldScores) return 'kept'
    incumbent.model = candidate.model
    incumbent.learned = candidate.learned
    incumbent.generation++
    return 'replaced'
  }
}
