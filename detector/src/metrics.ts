import type { Registry } from '@tidewatch/kit'
import { Buckets } from './buckets.ts'
import type { GroupCounts } from './group-counts.ts'
import { rejectionReasons } from './ingest/rejection.ts'
import { Tallies } from './tallies.ts'
import type { Effects } from './topology.ts'

/** What the metrics show of one partition. */
export interface PartitionView {
  partition: number
  /** Records between where we are and the log's end. */
  lag: number
  openWindows: number
  watermarkMs: number
  groups: GroupCounts
  stateBytes: number
  /** Verdicts, dead letters and late records that wait for a commit. */
  waiting: number
  /** Whether keys may be moving, because the input has come to have more partitions. */
  isGrowing?: boolean
}

type Labels = Record<string, string | number>
interface Sample {
  value: number
  labels?: Labels
  metricName?: string
}

/** Latency: 1 ms to ~25 s. */
const latencyBuckets = () => new Buckets(0.001, 1.25, 25)
/** Detection delay in event time: 5 s to 2 h. */
const delayBuckets = () => new Buckets(5, 1.25, 7_200)

/**
 * Everything the detector shows on /metrics. The numbers live where they are counted (`Tallies`, the partitions); a scrape
 * reads them. So the hot path pays for an addition, and a partition that moves away takes no totals with it.
 */
export class DetectorMetrics {
  readonly latency = latencyBuckets()
  readonly tallies: Tallies
  commits = 0
  rebalances = 0
  errors = 0
  /** Transactions that had to be made again. */
  transactionsFailed = 0
  /** Outputs that were larger than their topic takes: written in a smaller form, or not at all. */
  readonly outputsTooLarge = { shortened: 0, leftOut: 0 }
  /** Checkpoints written, those that could not be, and the size of the last one of each partition. */
  checkpoints = 0
  checkpointsFailed = 0
  readonly checkpointBytes = new Map<number, number>()
  /** Partitions taken over, by what was there to begin with. */
  readonly takeovers = { checkpoint: 0, restorePoint: 0, nothing: 0 }
  readonly #topic: string
  readonly #delays = new Map<number, Buckets>()
  #partitions: () => PartitionView[] = () => []

  constructor(registry: Registry, topic: string) {
    this.#topic = topic
    this.tallies = new Tallies((fault, delayMs) => this.#observeDelay(fault, delayMs))
    this.#register(registry)
  }

  /** Notes how long the records behind these effects took until what came of them was in. */
  observeJudged({ judged }: Pick<Effects, 'judged'>, nowMs: number): void {
    for (const { timestampMs, windows } of judged) this.latency.observe(Math.max(0, nowMs - timestampMs) / 1_000, windows)
  }

  /** Says where the partitions of the moment are read. */
  show(partitions: () => PartitionView[]): void {
    this.#partitions = partitions
  }

  #observeDelay(fault: number, delayMs: number): void {
    let buckets = this.#delays.get(fault)
    if (buckets === undefined) this.#delays.set(fault, (buckets = delayBuckets()))
    buckets.observe(Math.max(0, delayMs) / 1_000)
  }

  #register(registry: Registry): void {
    const add = (type: 'counter' | 'gauge' | 'histogram', name: string, help: string, collect: () => Sample[]) => {
      // A metric is to the registry whatever answers `get`; prom-client's own classes keep their numbers themselves.
      const view = { name, help, type, get: async () => ({ name, help, type, values: collect().map((sample) => ({ labels: {}, ...sample })) }), reset: () => {} }
      registry.registerMetric(view as unknown as Parameters<Registry['registerMetric']>[0])
    }
    const { tallies } = this
    const { accuracy } = tallies
    const own = 'tidewatch_detector_'
    const one = (value: number): Sample[] => [{ value }]
    const maybe = (value: number | undefined): Sample[] => (value === undefined || !accuracy.hasGroundTruth ? [] : [{ value }])
    const sumOf = (part: (view: PartitionView) => number): Sample[] => one(this.#partitions().reduce((sum, view) => sum + part(view), 0))
    const byFault = (part: (tally: ReturnType<typeof accuracy.tallyOf>) => number, from = 1): Sample[] =>
      this.#faults(from).map((fault) => ({ value: part(accuracy.tallyOf(fault)), labels: { fault: accuracy.labels.nameOf(fault) } }))

    add('counter', 'events_processed_total', 'Records processed: readings, dead letters and late ones.', () => one(tallies.records))
    add('counter', 'anomalies_detected_total', 'Windows (or readings, without a window) judged anomalous, and silences.', () => one(tallies.anomalies))
    add('histogram', 'processing_latency_seconds', 'From the append of the record that completed a window until it was judged, or learned in warm-up, and what came of it was acknowledged.', () => this.#histogram('processing_latency_seconds', this.latency))
    add('gauge', 'model_precision', 'Flagged windows that lay in a labelled fault / all flagged windows. Absent without ground truth.', () => maybe(accuracy.summary().precision))
    add('gauge', 'model_recall', 'Labelled faults (incidents) that were detected / all that were judged. Absent without ground truth.', () => maybe(accuracy.summary().recall))
    add('gauge', 'kafka_consumer_lag', 'Records between what was processed and the end of the log, by partition.', () =>
      this.#partitions().map(({ partition, lag }) => ({ value: lag, labels: { topic: this.#topic, partition } })))

    add('counter', `${own}readings_total`, 'Records that were read.', () => one(tallies.readings))
    add('counter', `${own}readings_passed_over_total`, 'Readings of metrics that the mapping does not ask for.', () => one(tallies.passedOver))
    add('counter', `${own}unexpected_metrics_total`, 'Values of metrics that appeared after the layout of their vectors was fixed.', () => one(tallies.unexpectedMetrics))
    add('counter', `${own}records_late_total`, 'Records behind the allowed lateness.', () => one(tallies.late))
    add('counter', `${own}dead_letters_total`, 'Records that could not be read, by reason.', () => rejectionReasons.map((reason) => ({ value: tallies.deadLetters[reason], labels: { reason } })))
    add('counter', `${own}windows_total`, 'Windows closed (readings, without a window).', () => one(tallies.windows))
    add('counter', `${own}windows_incomplete_total`, 'Windows neither judged nor learned, because a part of them was never seen.', () => one(tallies.incomplete))
    add('counter', `${own}windows_judged_total`, 'Windows judged.', () => one(tallies.judged))
    add('counter', `${own}silences_total`, 'Silences of group keys that stopped sending; they are among the anomalies.', () => one(tallies.silences))
    add('counter', `${own}drifts_total`, 'Drifts of scores that were found; a model was begun beside the one that judges.', () => one(tallies.drifts))
    add('counter', `${own}models_replaced_total`, 'Models that took the place of another after a drift.', () => one(tallies.modelsReplaced))
    add('gauge', `${own}open_windows`, 'Group keys (or sessions) with an open window.', () => sumOf(({ openWindows }) => openWindows))
    add('gauge', `${own}keys`, 'Group keys by whether their model judges already.', () => {
      const groups = this.#partitions().map((view) => view.groups)
      return (['warming', 'active'] as const).map((state) => ({ value: groups.reduce((sum, group) => sum + group[state], 0), labels: { state } }))
    })
    add('gauge', `${own}warm_up_windows_left`, 'The most windows that one of the warming group keys still has to bring before it is judged.', () =>
      one(Math.max(0, ...this.#partitions().map(({ groups }) => groups.windowsLeft))))
    add('gauge', `${own}watermark_timestamp_seconds`, 'Event time up to which windows are closed, by partition.', () =>
      this.#partitions().filter(({ watermarkMs }) => Number.isFinite(watermarkMs)).map(({ partition, watermarkMs }) => ({ value: watermarkMs / 1_000, labels: { partition } })))
    add('gauge', `${own}state_bytes`, 'Memory of open windows and group keys, roughly.', () => sumOf(({ stateBytes }) => stateBytes))
    add('gauge', `${own}outputs_waiting`, 'Verdicts, dead letters and late records that wait for a commit; where they are too many, the partition is paused.', () => sumOf(({ waiting }) => waiting))
    add('gauge', `${own}partitions_growing`, 'Partitions to or from which keys may be moving, because the input has come to have more of them.', () => sumOf(({ isGrowing }) => (isGrowing === true ? 1 : 0)))
    add('counter', `${own}commits_total`, 'Commits of positions.', () => one(this.commits))
    add('counter', `${own}rebalances_total`, 'Assignments received.', () => one(this.rebalances))
    add('counter', `${own}errors_total`, 'Errors of Kafka that ended the process in order.', () => one(this.errors))
    add('counter', `${own}transactions_failed_total`, 'Transactions that failed and were made again.', () => one(this.transactionsFailed))
    add('counter', `${own}outputs_too_large_total`, 'Outputs larger than their topic takes, by what became of them: shortened (a dead letter, or less of it), leftOut.', () =>
      Object.entries(this.outputsTooLarge).map(([became, value]) => ({ value, labels: { became } })))
    add('counter', `${own}checkpoints_total`, 'Checkpoints written.', () => one(this.checkpoints))
    add('counter', `${own}checkpoints_failed_total`, 'Checkpoints that could not be written.', () => one(this.checkpointsFailed))
    add('gauge', `${own}checkpoint_bytes`, 'Size of the newest checkpoint, by partition.', () => [...this.checkpointBytes].map(([partition, value]) => ({ value, labels: { partition } })))
    add('counter', `${own}partitions_taken_over_total`, 'Partitions taken over, by what their state was rebuilt from: a checkpoint, the restore point of the commit, nothing.', () =>
      Object.entries(this.takeovers).map(([from, value]) => ({ value, labels: { from } })))
    add('gauge', `${own}processing_latency_max_seconds`, 'Largest processing latency since the start.', () => one(this.latency.max))

    add('counter', `${own}normal_windows_total`, 'Judged windows without a ground-truth label.', () => [
      { value: accuracy.normalJudged - accuracy.normalFlagged, labels: { flagged: 'false' } },
      { value: accuracy.normalFlagged, labels: { flagged: 'true' } },
    ])
    add('counter', `${own}fault_windows_total`, 'Judged windows with a ground-truth label.', () => [
      ...byFault(({ judged, flagged }) => judged - flagged).map((sample) => ({ ...sample, labels: { ...sample.labels, flagged: 'false' } })),
      ...byFault(({ flagged }) => flagged).map((sample) => ({ ...sample, labels: { ...sample.labels, flagged: 'true' } })),
    ])
    add('counter', `${own}false_alarms_total`, 'Normal windows flagged, by the fault last seen on their group key.', () => byFault(({ falseAlarms }) => falseAlarms, 0))
    add('counter', `${own}fault_incidents_total`, 'Incidents (consecutive labelled windows of one key) of which a window was judged.', () => byFault(({ incidents }) => incidents))
    add('counter', `${own}fault_incidents_detected_total`, 'Those of them of which a window was flagged.', () => byFault(({ detected }) => detected))
    add('counter', `${own}fault_incidents_unjudged_total`, 'Incidents of which no window was judged, because the model was warming up.', () => byFault(({ unjudged }) => unjudged))
    add('histogram', `${own}detection_delay_seconds`, 'Event time from the first faulty reading to the end of the first flagged window.', () =>
      [...this.#delays].flatMap(([fault, buckets]) => this.#histogram(`${own}detection_delay_seconds`, buckets, { fault: accuracy.labels.nameOf(fault) })))
  }

  #faults(from: number): number[] {
    return Array.from({ length: this.tallies.accuracy.labels.count - from }, (_, i) => i + from)
  }

  #histogram(name: string, { bounds, counts, sum, count }: Buckets, labels: Labels = {}): Sample[] {
    let cumulative = 0
    const buckets = bounds.map((bound, i) => {
      cumulative += counts[i]!
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: cumulative }
    })
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}
