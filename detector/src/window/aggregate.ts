import type { Samples } from './samples.ts'

/** What the readings of one metric in one closed window come to. Reused from window to window. */
export class Aggregate {
  count = 0
  mean = 0
  /** Sum of squared distances from the mean. */
  m2 = 0
  min = Infinity
  max = -Infinity
  first = 0
  firstMs = Infinity
  last = 0
  lastMs = -Infinity
  originMs = 0
  /** Mean of the times in seconds after `originMs`. */
  timeMean = 0
  /** Sum of squared distances from it. */
  timeM2 = 0
  /** Sum of products of the distances of time and of value. */
  timeValue = 0
  samples: Samples[] = []
  firstOffset = Infinity
  lastOffset = -Infinity
  fault = 0
  faultFromMs = Infinity

  clear(): void {
    this.count = 0
    this.mean = 0
    this.m2 = 0
    this.min = Infinity
    this.max = -Infinity
    this.firstMs = Infinity
    this.lastMs = -Infinity
    this.timeMean = 0
    this.timeM2 = 0
    this.timeValue = 0
    if (this.samples.length > 0) this.samples.length = 0
    this.firstOffset = Infinity
    this.lastOffset = -Infinity
    this.fault = 0
    this.faultFromMs = Infinity
  }
}
