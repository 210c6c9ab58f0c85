import type { Stage } from './stage.ts'

/** The long form is for a person or a nightly run, the short one for every run of the tests: the same story, fewer rounds. */
export type Form = 'short' | 'long'

export interface Scenario {
  name: string
  /** One sentence. */
  story: string
  /** Detectors at the beginning, and at most at a time. */
  detectors: { first: number; most: number }
  /** About how long the faults take: the readings are spread over it. */
  loadMs: Record<Form, number>
  /** Does what is to be done, and ends right after the last of it: what happens then is measured. */
  run(stage: Stage, form: Form): Promise<void>
}
