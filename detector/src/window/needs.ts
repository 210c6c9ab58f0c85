/** What panes must keep beside count, mean, spread and times, because some feature asks for it. */
export interface PaneNeeds {
  /** Smallest and largest value. */
  extremes: boolean
  /** The values of the earliest and the latest reading. */
  ends: boolean
  /** Co-moments of time and value, for a least-squares line. */
  trend: boolean
  /** The readings themselves, up to a cap. */
  samples: boolean
}

export const noNeeds: PaneNeeds = { extremes: false, ends: false, trend: false, samples: false }
