/**
 * java.util.Random: a 48-bit linear congruential generator, so that what a Java library draws can be drawn again.
 *
 *     state = (state * 0x5DEECE66D + 0xB) mod 2^48
 *
 * Reference: the Java SE documentation of java.util.Random, which fixes the algorithm.
 */
export class JavaRandom {
  private state: bigint

  /** @param seed a 64-bit integer. */
  constructor(seed: bigint) {
    this.state = (seed ^ multiplier) & mask
  }

  /** The next 64-bit integer, signed. */
  nextLong(): bigint {
    const high = this.next(32)
    return BigInt.asIntN(64, (BigInt(high) << 32n) + BigInt(this.next(32)))
  }

  /** The next number uniform in [0, 1), in steps of 2^-53. */
  nextDouble(): number {
    const high = this.next(26)
    return (high * 2 ** 27 + this.next(27)) / 2 ** 53
  }

  private next(bits: number): number {
    this.state = (this.state * multiplier + 0xbn) & mask
    return Number(BigInt.asIntN(bits === 32 ? 32 : 64, this.state >> BigInt(48 - bits)))
  }
}

const multiplier = 0x5deece66dn
const mask = (1n << 48n) - 1n
