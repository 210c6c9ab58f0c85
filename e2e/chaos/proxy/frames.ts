/** Bytes of a stream in, whole messages of Kafka's protocol out: each begins with its length in four bytes. */
export class FrameSplitter {
  #parts: Buffer[] = []
  #bytes = 0

  /** @returns the messages that are whole by now, in order, with their lengths before them. */
  push(chunk: Buffer): Buffer[] {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    const frames: Buffer[] = []
    while (this.#bytes >= 4) {
      // Joined only when a whole message is there: a large one arrives in a hundred pieces.
      const head = this.#parts[0]!.length >= 4 ? this.#parts[0]! : this.#join()
      const size = 4 + head.readInt32BE(0)
      if (this.#bytes < size) break
      const all = this.#join()
      frames.push(all.subarray(0, size))
      this.#parts = all.length > size ? [all.subarray(size)] : []
      this.#bytes = all.length - size
    }
    return frames
  }

  #join(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)]
    return this.#parts[0] ?? Buffer.alloc(0)
  }
}
