/** What happened lately that a person should know, newest first. */
export class Notices {
  readonly latest: string[] = []
  readonly #tell: (text: string) => void

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  add(text: string): void {
    this.latest.unshift(text)
    this.latest.splice(20)
    this.#tell(text)
  }
}
