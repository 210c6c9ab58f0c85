/**
 * The port of whatever is compared: a model of ours, a trivial baseline, a peer from a package registry. It is given rows
 * without labels, one series at a time, and says of each row how anomalous it is.
 */

/** One series in time order: a metric of NAB, a run of SKAB, a device's windows, the flows of one site. */
export interface Series {
  /** Shown in messages, and the only thing that tells series apart: `realTraffic/speed_7578.csv`. */
  name: string
  columns: readonly string[]
  /** One array per row, as long as `columns`, all finite. Not to be changed: every contender gets the same arrays. */
  rows: readonly Float64Array[]
  /** Moment of each row, in milliseconds since 1970, never falling. */
  timesMs: Float64Array
  /**
   * So many rows at the start are given for learning: their scores are not looked at, and the rows after them are judged by what was learned
   * then (who cannot be frozen may learn on). 0: nothing is known to be normal, and the contender learns from each row once that is scored,
   * never before.
   */
  training: number
}

/** What a contender says of a series. */
export interface Scored {
  /** One per row: the more anomalous the higher, comparable over series; NaN where it cannot judge yet. Infinity is allowed. */
  scores: Float64Array
  /**
   * What somebody without labels would be told: 1 for a row that is an anomaly by the contender's own default boundary. One per row.
   * undefined where it has no boundary of its own; the label-free column is then empty.
   */
  flags: Uint8Array | undefined
  /** What the series took where it was scored, without its way there and back; only of those that say so. */
  seconds?: number
}

/** Takes part in every benchmark with one configuration. */
export interface Contender {
  /** As in the tables and in the JSON: `microClusters`, `last value`, `river HalfSpaceTrees`. */
  readonly name: string
  /** Of the package it comes from; of this project for our own. */
  readonly version: string
  readonly kind: 'model' | 'baseline' | 'peer'
  /**
   * Scores a series from an empty state: nothing is carried over from the one before. Calls do not overlap.
   *
   * @throws Error naming the series when it cannot be scored: the benchmark ends with it.
   */
  score(series: Series): Promise<Scored>
}

/** A peer that cannot run here, and why, in a sentence that says what to install. */
export interface AbsentPeer {
  name: string
  reason: string
}

/** What `openPeers` of `peers/registry.ts` gives. */
export interface Peers {
  contenders: readonly Contender[]
  absent: readonly AbsentPeer[]
  /** Ends what they started. */
  close(): Promise<void>
}

/** @param options.names only these peers; undefined: all. An unknown name is an error that lists the known ones. */
export type OpenPeers = (options: { names: readonly string[] | undefined }) => Promise<Peers>
