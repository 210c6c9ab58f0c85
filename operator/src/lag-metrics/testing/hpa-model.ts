/** The HPA's rule for an External metric with `type: Value`, with its default tolerance and downward stabilisation. */
export class HpaModel {
  readonly #targetSeconds: number
  readonly #bounds: { min: number; max: number }
  readonly #stabilizationMs: number
  #recommendations: { atMs: number; replicas: number }[] = []

  constructor({ targetSeconds, min = 1, max, stabilizationMs = 300_000 }: { targetSeconds: number; min?: number; max: number; stabilizationMs?: number }) {
    this.#targetSeconds = targetSeconds
    this.#bounds = { min, max }
    this.#stabilizationMs = stabilizationMs
  }

  /** What one sync comes to; undefined is a metric that could not be read. */
  sync(nowMs: number, replicas: number, value: number | undefined): number {
    if (value === undefined) return replicas
    const ratio = Math.floor(value * 1_000) / (this.#targetSeconds * 1_000)
    const wanted = Math.abs(ratio - 1) <= 0.1 ? replicas : Math.ceil(replicas * ratio)
    this.#recommendations = [...this.#recommendations.filter(({ atMs }) => atMs > nowMs - this.#stabilizationMs), { atMs: nowMs, replicas: wanted }]
    const highest = Math.max(...this.#recommendations.map((one) => one.replicas))
    const stable = wanted < replicas ? Math.min(replicas, highest) : wanted
    // Upwards at most to twice as many or four more at once.
    const limited = Math.min(stable, Math.max(replicas * 2, replicas + 4))
    return Math.min(this.#bounds.max, Math.max(this.#bounds.min, limited))
  }
}
