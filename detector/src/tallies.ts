import { rejectionReasons, type RejectionReason } from './ingest/rejection.ts'
import { Accuracy, type OnDetected } from './verdict/accuracy.ts'
import type { FaultLabels } from './verdict/fault-labels.ts'

/** What a process has counted, over all its partitions, past ones included. Only ever grows. */
export class Tallies {
  /** Records processed: readings, dead letters and late ones. */
  records = 0
  /** Records that were read. */
  readings = 0
  /** Readings of metrics that the mapping does not ask for. */
  passedOver = 0
  /** Values of metrics that appeared after the layout of their vectors was fixed. */
  unexpectedMetrics = 0
  late = 0
  readonly deadLetters = Object.fromEntries(rejectionReasons.map((reason) => [reason, 0])) as Record<RejectionReason, number>
  /** Closed windows (readings, where there is no window). */
  windows = 0
  incomplete = 0
  /** Windows that were learned and not judged. */
  warming = 0
  judged = 0
  /** Of windows and of silences. */
  anomalies = 0
  /** Groups that stopped sending. */
  silences = 0
  /** Drifts of scores, and models that took the place of another after one. */
  drifts = 0
  modelsReplaced = 0
  readonly accuracy: Accuracy

  /** @param labels given where two are to number faults alike. */
  constructor(onDetected?: OnDetected, labels?: FaultLabels) {
    this.accuracy = new Accuracy(onDetected, labels)
  }
}
