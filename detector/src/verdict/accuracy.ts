import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { FaultLabels } from './fault-labels.ts'

/** What became of a closed window. */
export type Outcome = 'unjudged' | 'normal' | 'anomalous'

/** Counts of one kind of fault. */
export interface FaultTally {
  /** Windows with at least one reading under this fault that were judged, and those of them that were flagged. */
  judged: number
  flagged: number
  /** Normal windows flagged while this was the fault last seen on their group. */
  falseAlarms: number
  /** Incidents with at least one judged window, and those of them with a flagged one. */
  incidents: number
  detected: number
  /** Incidents of which no window was judged, because the model was still warming up; in none of the others. */
  unjudged: number
}

/** Precision and recall of all kinds together. */
export interface AccuracySummary {
  /** Flagged windows that lay in a fault / all flagged windows. Undefined before the first flagged one. */
  precision: number | undefined
  /** Incidents detected / incidents judged. Undefined before the first. */
  recall: number | undefined
}

/** Event time from the first faulty reading to the end of the first window that was flagged. */
export type OnDetected = (fault: number, delayMs: number) => void

/**
 * Counts verdicts against the ground truth that the simulator puts into headers. Models never see it.
 *
 * An incident is what a person would call one fault: consecutive windows of one group key with one label.
 *
 *     windows            n   n   F   F   F   n   n          n: no label   F: at least one reading labelled
 *     verdicts           .   !   .   !   .   .   !          !: flagged
 *     counted as             false   detected        false alarm of F (the fault last seen on this key)
 *                            alarm of none
 */
export class Accuracy {
  readonly labels: FaultLabels
  readonly #tallies: FaultTally[] = []
  readonly #onDetected: OnDetected | undefined
  normalJudged = 0
  normalFlagged = 0

  /** @param labels given where two are to number faults alike. */
  constructor(onDetected?: OnDetected, labels = new FaultLabels()) {
    this.#onDetected = onDetected
    this.labels = labels
  }

  /** True once a record carried a label: before, precision and recall mean nothing. */
  get hasGroundTruth(): boolean {
    return this.labels.count > 1
  }

  /** @param fault number of a label; 0 has false alarms only. */
  tallyOf(fault: number): FaultTally {
    while (this.#tallies.length <= fault) this.#tallies.push({ judged: 0, flagged: 0, falseAlarms: 0, incidents: 0, detected: 0, unjudged: 0 })
    return this.#tallies[fault]!
  }

  summary(): AccuracySummary {
    let flagged = 0
    let incidents = 0
    let detected = 0
    for (const tally of this.#tallies) {
      flagged += tally.flagged
      incidents += tally.incidents
      detected += tally.detected
    }
    return {
      precision: flagged + this.normalFlagged === 0 ? undefined : flagged / (flagged + this.normalFlagged),
      recall: incidents === 0 ? undefined : detected / incidents,
    }
  }

  /** @internal */
  detected(fault: number, delayMs: number): void {
    this.tallyOf(fault).detected++
    this.#onDetected?.(fault, delayMs)
  }
}

/** Counts an unlabelled window; a false alarm goes to the fault last seen on its group, 0 for none. */
export function observeNormal(accuracy: Accuracy, lastFault: number, outcome: Outcome): void {
  if (outcome === 'unjudged') return
  accuracy.normalJudged++
  if (outcome === 'normal') return
  accuracy.normalFlagged++
  accuracy.tallyOf(lastFault).falseAlarms++
}

/** What is remembered of one group key between its windows. */
export class GroupAccuracy {
  #lastFault = 0
  #incident: { fault: number; fromMs: number; isJudged: boolean; isDetected: boolean } | undefined

  /** Takes in a closed window of the group; windows come in the order of their ends. */
  observe(accuracy: Accuracy, fault: number, faultFromMs: number, endMs: number, outcome: Outcome): void {
    if (this.#incident !== undefined && this.#incident.fault !== fault) this.#endIncident(accuracy)
    if (fault === 0) return observeNormal(accuracy, this.#lastFault, outcome)

    this.#lastFault = fault
    const incident = (this.#incident ??= { fault, fromMs: faultFromMs, isJudged: false, isDetected: false })
    if (outcome === 'unjudged') return
    const tally = accuracy.tallyOf(fault)
    tally.judged++
    if (!incident.isJudged) {
      incident.isJudged = true
      tally.incidents++
    }
    if (outcome === 'normal') return
    tally.flagged++
    if (!incident.isDetected) {
      incident.isDetected = true
      accuracy.detected(fault, endMs - incident.fromMs)
    }
  }

  writeTo(writer: SnapshotWriter): void {
    const incident = this.#incident
    writer.u32(this.#lastFault)
    writer.u8(incident === undefined ? 0 : 1)
    if (incident === undefined) return
    writer.u32(incident.fault)
    writer.f64(incident.fromMs)
    writer.u8((incident.isJudged ? 1 : 0) + (incident.isDetected ? 2 : 0))
  }

  /** @param faultOf this process's number of a fault that has the given one in the snapshot. */
  static readFrom(reader: SnapshotReader, faultOf: (fault: number) => number): GroupAccuracy {
    const accuracy = new GroupAccuracy()
    accuracy.#lastFault = faultOf(reader.u32())
    if (reader.u8() === 0) return accuracy
    const fault = faultOf(reader.u32())
    const fromMs = reader.f64()
    const flags = reader.u8()
    accuracy.#incident = { fault, fromMs, isJudged: (flags & 1) !== 0, isDetected: (flags & 2) !== 0 }
    return accuracy
  }

  #endIncident(accuracy: Accuracy): void {
    if (this.#incident?.isJudged === false) accuracy.tallyOf(this.#incident.fault).unjudged++
    this.#incident = undefined
  }
}
