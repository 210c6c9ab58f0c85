import { mulberry32 } from '@tidewatch/kit'

/** mulberry32 adds it to its state with each draw: so the state after any number of draws is known. */
const increment = 0x6d2b79f5

/** mulberry32 that can be stopped and gone on with: numbers uniform in [0, 1), in steps of 2^-32. */
export class SeededUniform {
  /** Goes round after 2^32 draws, as the generator does. */
  private draws = 0
  private readonly seed: number
  private readonly draw: () => number

  /** @param draws that the generator has made before. */
  constructor(seed: number, draws = 0) {
    this.seed = seed
    this.draws = draws
    this.draw = mulberry32((seed + Math.imul(draws, increment)) | 0)
  }

  /** The next number. A bound function: it is handed to what draws. */
  readonly next = (): number => {
    this.draws = (this.draws + 1) >>> 0
    return this.draw()
  }

  toState(): { seed: number; draws: number } {
    return { seed: this.seed, draws: this.draws }
  }
}
