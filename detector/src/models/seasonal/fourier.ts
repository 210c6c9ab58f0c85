/**
 * Transforms in place: X_k = sum_t x_t e^(-2 pi i k t / n). Cooley and Tukey 1965, radix 2.
 *
 * @param re real parts; their number n is a power of two.  @param im imaginary parts, as many.
 */
export function transformInPlace(re: Float64Array, im: Float64Array): void {
  const n = re.length
  if (n === 0 || (n & (n - 1)) !== 0 || im.length !== n) throw new RangeError(`a transform takes a power of two of numbers, not ${n} and ${im.length}`)
  reverseBits(re, im)
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2
    const angle = (-2 * Math.PI) / size
    for (let k = 0; k < half; k++) {
      const c = Math.cos(angle * k)
      const s = Math.sin(angle * k)
      for (let even = k; even < n; even += size) {
        const odd = even + half
        const r = re[odd]! * c - im[odd]! * s
        const i = re[odd]! * s + im[odd]! * c
        re[odd] = re[even]! - r
        im[odd] = im[even]! - i
        re[even]! += r
        im[even]! += i
      }
    }
  }
}

function reverseBits(re: Float64Array, im: Float64Array): void {
  const n = re.length
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit
    j ^= bit
    if (i >= j) continue
    const [r, m] = [re[i]!, im[i]!]
    re[i] = re[j]!
    im[i] = im[j]!
    re[j] = r
    im[j] = m
  }
}
