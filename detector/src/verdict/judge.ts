import { asksForDeviation, type DetectorConfig, type FeatureName } from '@tidewatch/api'
import { messageOf } from '@tidewatch/kit'
import { computeFeatures, describeFeatures, describeValues } from '../features/vector.ts'
import type { ClusterEvent, ModelFactory, Score } from '../models/model.ts'
import type { Threshold, ThresholdFactory } from '../threshold/threshold.ts'
import type { Group } from '../window/group.ts'
import type { Aggregate } from '../window/aggregate.ts'
import type { ClosedWindow } from '../window/windowing.ts'
import { adwin } from '../models/drift/adwin.ts'
import { anomalousWeight } from './anomalous-weight.ts'
import { computeDeviation, findLocations } from './deviation.ts'
import type { GroupMemory } from './group-memory.ts'
import { categoryMetrics, layoutPolicy, type LayoutPolicy } from './layout.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import { SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { EntryReader, EntryWriter } from './entry-state.ts'
import { layoutKeyOf, metricsOfKey, ModelStore, type Layout, type ModelEntry } from './model-store.ts'
import { planPrior, Priors, type PriorsState } from './prior/priors.ts'
import { checkDeviation, type HeldBack, type Rules } from './rules.ts'
import { Succession, type SuccessionStep, type SuccessionTerms } from './succession.ts'
import { WaitingWindows } from './waiting-windows.ts'

export { anomalousWeight }

/** Layouts kept to be shared; of allNumbers over wild records there might be any number. */
const maxLayouts = 1_000

/** What the model said of a vector, and what came of it. */
export interface Judgement {
  entry: ModelEntry
  /** Of the model that judged: another may have taken its place since. */
  generation: number
  /** Good until the next judgement. */
  vector: Float64Array
  score: Score
  threshold: number | undefined
  /** Whether it is told: above the threshold, and held back by no rule. */
  isAnomaly: boolean
  /** The rule that holds back what is above the threshold. */
  heldBack: HeldBack | undefined
  /** What became of the model's clusters by this vector, where there is a topic for it. */
  clusterEvents: readonly ClusterEvent[]
}

/**
 * - `incomplete`: the window was not observed from its start, or lacks a metric of the layout, or a feature is no number.
 * - `warming`: learned, and too little so far to judge.
 */
export type JudgeResult = Judgement | 'incomplete' | 'warming'

/** Told of what came of drifts, and whose they were. */
export type OnDrift = (step: SuccessionStep, entry: ModelEntry) => void

/**
 * The step from a vector to a judgement: score, then compare with the threshold, then let the threshold and the
 * model learn, in this order, so that nothing is judged by what it has just taught. Rules say at last what is told.
 *
 * The threshold is one for the whole partition: scores are on one scale whatever the key, and a rate of false
 * alarms can only be learned from many of them.
 */
export class Judge {
  readonly #features: readonly FeatureName[]
  /** Those of one metric, filled in by each description. */
  readonly #ofMetric: Float64Array
  readonly #isWindowed: boolean
  readonly #warmUpLength: number
  readonly #policy: LayoutPolicy
  readonly #rules: Rules
  readonly #categories: ReadonlySet<string>
  #threshold: Threshold
  readonly #onUnexpected: (values: number) => void
  /** Undefined where nobody watches for drifts. */
  readonly #succession: SuccessionTerms | undefined
  readonly #onDrift: OnDrift
  readonly #layouts = new Map<string, Layout>()
  readonly store: ModelStore
  readonly #tellsClusters: boolean
  /** Undefined where no model starts from a prior. */
  readonly #priors: Priors | undefined

  /** @param onUnexpected told how many values belong to metrics that appeared after the layout of their vectors was fixed. */
  constructor(config: DetectorConfig, factory: ModelFactory, threshold: Threshold, onUnexpected: (values: number) => void = () => {}, onDrift: OnDrift = () => {}) {
    this.#features = config.features
    this.#ofMetric = new Float64Array(config.features.length)
    this.#isWindowed = config.window.kind !== 'none'
    this.#warmUpLength = config.warmUp
    this.#policy = layoutPolicy(config)
    this.#rules = config
    this.#categories = new Set(categoryMetrics(config.reading))
    this.#threshold = threshold
    this.#onUnexpected = onUnexpected
    this.#succession = config.drift === undefined ? undefined : { drifts: adwin(config.drift), warmUp: config.warmUp }
    this.#onDrift = onDrift
    this.store = new ModelStore(config.scope, factory, config.seed)
    this.#tellsClusters = config.outputs.clusterEvents !== undefined
    const lengths = planPrior(config.warmUp)
    if (config.warmStart === 'Cohort' && this.store.isOnePerGroup && factory.takesPrior && lengths !== undefined) this.#priors = new Priors(lengths)
  }

  judgeWindow(window: ClosedWindow<GroupMemory>): JudgeResult {
    if (!window.isComplete) return 'incomplete'
    const { group, aggregates } = window
    const entry = this.store.entryOf(group)
    entry.usedMs = window.endMs
    if (entry.layout === undefined && !this.#chooseMetrics(entry, group, aggregates)) return 'warming'
    return this.#fillVector(entry, group, aggregates) ? this.#judge(entry, group, window.endMs) : 'incomplete'
  }

  /** Judges a reading by itself. */
  judgeReading(group: Group<GroupMemory>, names: readonly string[], values: readonly number[], eventTimeMs: number): JudgeResult {
    const entry = this.store.entryOf(group)
    entry.usedMs = eventTimeMs
    if (entry.layout === undefined) this.#start(entry, this.#policy.kind === 'fixed' ? this.#policy.metrics : names)
    const { metrics, vector } = entry.layout!
    for (let i = 0; i < metrics.length; i++) {
      const at = names[i] === metrics[i] ? i : names.indexOf(metrics[i]!)
      if (at < 0) return 'incomplete'
      vector[i] = values[at]!
    }
    if (names.length > metrics.length) this.#onUnexpected(names.length - metrics.length)
    return this.#judge(entry, group, eventTimeMs)
  }

  /** Vectors that a group still has to bring before it is judged: 0 where it is. Where its cohort helps, or lacks of a vector of the layout, they may be fewer or more. */
  windowsLeft({ memory }: Group<GroupMemory>): number {
    const { model, learned = 0, held, waiting } = memory?.entry ?? {}
    if (held !== undefined) return Math.max(0, (this.#priors?.lengths.own ?? 0) - held.length)
    const { learned: known, needed } = model?.progress() ?? { learned: 0, needed: 0 }
    return Math.max(0, this.#warmUpLength - learned - (waiting?.count ?? 0), needed - known)
  }

  /** Writes threshold, layouts and shared models. @returns what writes the models of groups, after this. */
  writeTo(writer: SnapshotWriter): EntryWriter {
    const { kind, version, state } = this.#threshold.snapshot()
    writer.name(kind)
    writer.u32(version)
    writer.value(state)
    const entries = new EntryWriter(writer)
    writer.u32(this.#layouts.size)
    for (const layout of this.#layouts.values()) entries.layout(layout)
    this.store.writeTo(writer, entries)
    return entries
  }

  /** @throws SnapshotOfAnotherVersion for a threshold or a model that cannot be read. */
  readFrom(reader: SnapshotReader, thresholds: ThresholdFactory): EntryReader {
    const snapshot = { kind: reader.name(), version: reader.u32(), state: reader.value() }
    try {
      this.#threshold = thresholds.restore(snapshot)
    } catch (error) {
      throw new SnapshotOfAnotherVersion(`The snapshot holds a threshold that cannot be read: ${messageOf(error)}. Run the detector that wrote it, or start without it: models warm up again.`, { cause: error })
    }
    const entries = new EntryReader(reader, this.store.factory, (metrics) => this.#layoutOf(metrics), this.#policy.kind === 'learned' ? this.#policy.windows : 0, this.#succession?.drifts)
    for (let count = reader.count(4); count > 0; count--) entries.layout()
    this.store.readFrom(reader, entries)
    return entries
  }

  /** What the priors hold, as plain data that stays as it is; empty where there are none. @param since for an increment, what `priorChanges` was at the snapshot before. */
  priorsState(since?: number): PriorsState {
    return this.#priors?.toState(since) ?? []
  }

  get priorChanges(): number {
    return this.#priors?.changes ?? 0
  }

  /** Takes up priors of a snapshot; they are passed over where no model starts from one. */
  loadPriors(state: PriorsState): void {
    this.#priors?.load(state, (key) => this.#layoutOf(metricsOfKey(key)))
  }

  /** Drops shared models, and priors, that nothing was learned by since. */
  forgetUnusedSince(ms: number): void {
    this.store.forgetUnusedSince(ms)
    this.#priors?.forgetUnusedSince(ms)
  }

  #judge(entry: ModelEntry, group: Group<GroupMemory>, endMs: number): JudgeResult {
    const model = entry.model!
    const { vector, locations } = entry.layout!
    const { generation } = entry
    const score = entry.learned >= this.#warmUpLength ? model.score(vector) : undefined
    if (score === undefined) {
      this.#warmUp(entry, group)
      return 'warming'
    }
    const threshold = this.#threshold.limit()
    const isAbove = threshold !== undefined && score.value > threshold
    this.#threshold.observe(score.value)
    const clusterEvents: ClusterEvent[] = this.#tellsClusters ? [] : none
    model.learn(vector, isAbove ? anomalousWeight : 1, this.#tellsClusters ? (event) => clusterEvents.push(event) : undefined)
    entry.learned++
    if (!isAbove) this.#priors?.record(entry.layout!, group.deviceType, entry.key, endMs)
    if (this.#succession !== undefined) this.#watchDrift(this.#succession, entry, score.value, threshold)
    const rules = this.#rules
    const misplaced = isAbove && asksForDeviation(rules) ? checkDeviation(rules, computeDeviation(locations, vector, score)) : undefined
    // Whatever lies where nobody asks for it is normal to the rules that look back.
    const held = group.memory!.tell(isAbove && misplaced === undefined, endMs, rules)
    const heldBack = misplaced ?? held
    return { entry, generation, vector, score, threshold, isAnomaly: isAbove && heldBack === undefined, heldBack, clusterEvents }
  }

  #watchDrift(terms: SuccessionTerms, entry: ModelEntry, score: number, limit: number | undefined): void {
    entry.succession ??= new Succession(terms.drifts.create())
    const step = entry.succession.observe(entry, entry.layout!.vector, score, limit, terms, () => this.store.createSuccessor(entry))
    if (step !== undefined) this.#onDrift(step, entry)
  }

  /** Learns the layout's vector in warm-up; where the group's cohort has a prior, after the first few of its own the rest of the warm-up is taken from there. */
  #warmUp(entry: ModelEntry, group: Group<GroupMemory>): void {
    const { vector, key } = entry.layout!
    if (entry.held === undefined && entry.learned === 0 && this.#priors?.find(key, group.deviceType)?.isReady === true) entry.held = []
    if (entry.held === undefined) return learnNormal(entry, vector)
    entry.held.push(vector.slice())
    const own = this.#priors?.lengths.own ?? 0
    if (entry.held.length < own) return
    const missing = Math.max(this.#warmUpLength, entry.model!.progress().needed) - own
    const taken = this.#priors?.find(key, group.deviceType)?.complete(joinRows(entry.held), missing) ?? []
    for (const x of [...taken, ...entry.held]) learnNormal(entry, x)
    entry.held = undefined
  }

  /** Tries to fix the metrics of a model's vectors. @returns false while they are still being learned. */
  #chooseMetrics(entry: ModelEntry, group: Group<GroupMemory>, aggregates: readonly Aggregate[]): boolean {
    const policy = this.#policy
    if (policy.kind === 'fixed') this.#start(entry, policy.metrics)
    else if (policy.kind === 'ofGroup') this.#start(entry, [group.metric!])
    else if (policy.kind === 'first') this.#start(entry, group.seriesNames.filter((_, series) => aggregates[series]!.count > 0))
    else {
      const waiting = (entry.waiting ??= new WaitingWindows(policy.windows))
      this.#describeWindow(group, aggregates, waiting)
      if (waiting.count === policy.windows || this.#isLikeCohort(group, waiting)) this.#learnWaiting(entry, group, waiting)
      return false
    }
    return true
  }

  #start(entry: ModelEntry, metrics: readonly string[]): void {
    this.store.start(entry, this.#layoutOf(metrics))
  }

  /** One object for all models of these metrics. */
  #layoutOf(metrics: readonly string[]): Layout {
    const key = layoutKeyOf(metrics)
    const known = this.#layouts.get(key)
    if (known !== undefined) return known
    const features = this.#isWindowed ? describeFeatures(this.#features, metrics) : describeValues(metrics)
    const locations = findLocations({ metrics, features: this.#isWindowed ? this.#features : undefined, categories: this.#categories })
    const layout = { key, metrics, features, names: features.map(({ name }) => name), locations, vector: new Float64Array(features.length) }
    if (this.#layouts.size < maxLayouts) this.#layouts.set(key, layout)
    return layout
  }

  #describeWindow({ seriesNames }: Group<GroupMemory>, aggregates: readonly Aggregate[], waiting: WaitingWindows): void {
    waiting.begin()
    for (let series = 0; series < seriesNames.length; series++) {
      if (aggregates[series]!.count === 0) continue
      computeFeatures(this.#features, aggregates[series]!, this.#ofMetric, 0)
      waiting.add(seriesNames[series]!, this.#ofMetric)
    }
  }

  /** The warm-up is over: the layout is the union of what was seen, and what waited is learned. */
  #learnWaiting(entry: ModelEntry, group: Group<GroupMemory>, waiting: WaitingWindows): void {
    this.#start(entry, waiting.metrics)
    entry.waiting = undefined
    const { metrics, vector } = entry.layout!
    for (const _ of waiting.fillEach(metrics, vector)) if (vector.every(Number.isFinite)) this.#warmUp(entry, group)
  }

  /** Whether a group has sent exactly the metrics of a cohort with a prior, for as long as a model of that cohort warms up. */
  #isLikeCohort(group: Group<GroupMemory>, waiting: WaitingWindows): boolean {
    if (waiting.count !== this.#priors?.lengths.own) return false
    return this.#priors.find(layoutKeyOf(waiting.metrics), group.deviceType)?.isReady === true
  }

  #fillVector(entry: ModelEntry, group: Group<GroupMemory>, aggregates: readonly Aggregate[]): boolean {
    const { metrics, vector } = entry.layout!
    const { seriesNames } = group
    let expected = 0
    for (let i = 0; i < metrics.length; i++) {
      const series = seriesNames[i] === metrics[i] ? i : seriesNames.indexOf(metrics[i]!)
      const aggregate = series < 0 ? undefined : aggregates[series]
      if (aggregate === undefined || aggregate.count === 0) return false
      computeFeatures(this.#features, aggregate, vector, i * this.#features.length)
      expected++
    }
    if (seriesNames.length > expected) this.#countUnexpected(metrics, group, aggregates)
    for (let i = 0; i < vector.length; i++) if (!Number.isFinite(vector[i])) return false
    return true
  }

  #countUnexpected(metrics: readonly string[], group: Group<GroupMemory>, aggregates: readonly Aggregate[]): void {
    group.seriesNames.forEach((name, series) => {
      if (aggregates[series]!.count > 0 && !metrics.includes(name)) this.#onUnexpected(aggregates[series]!.count)
    })
  }
}

/** Never written to. */
const none: never[] = []

function learnNormal(entry: ModelEntry, x: Float64Array): void {
  entry.model!.learn(x, 1)
  entry.learned++
}

function joinRows(rows: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(rows.length * rows[0]!.length)
  rows.forEach((row, i) => joined.set(row, i * row.length))
  return joined
}
