import type { Clock } from '@tidewatch/kit'
import type { KubeObject } from '../object.ts'

/** One change of one object, for watches. */
export interface LoggedEvent {
  version: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `group/plural` */
  collection: string
  object: KubeObject
  previous: KubeObject | undefined
}

/** What a watch is told to do beside the events: to pass on a bookmark, or to end. */
export type Notice = 'bookmark' | 'end'

/** The past of the fake, and everybody who waits for its future. */
export class EventLog {
  #events: LoggedEvent[] = []
  readonly #followers = new Set<(notice?: Notice) => void>()
  #oldestVersion = 0

  append(event: LoggedEvent): void {
    this.#events.push(event)
    for (const tell of this.#followers) tell()
  }

  notify(notice: Notice): void {
    for (const tell of this.#followers) tell(notice)
  }

  /** Forgets everything up to this version. */
  compact(version: number): void {
    this.#events = []
    this.#oldestVersion = version
    for (const tell of this.#followers) tell()
  }

  isTooOld(version: number): boolean {
    return version < this.#oldestVersion
  }

  /** Events after a version as they come, and notices; ends after the time, at a notice to end, and with the signal. */
  async *follow(fromVersion: number, { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal }): AsyncGenerator<LoggedEvent | 'bookmark', void, undefined> {
    const notices: Notice[] = []
    let wake = () => {}
    const tell = (notice?: Notice) => {
      if (notice !== undefined) notices.push(notice)
      wake()
    }
    const left = new AbortController()
    const wakeUp = () => tell()
    this.#followers.add(tell)
    signal.addEventListener('abort', wakeUp)
    void clock.sleep(timeoutMs, left.signal).then(() => tell('end'))
    let version = fromVersion
    try {
      while (!signal.aborted) {
        const next = this.#events.find((event) => event.version > version)
        if (next !== undefined) {
          version = next.version
          yield next
          continue
        }
        const notice = notices.shift()
        if (notice === 'end') return
        if (notice === 'bookmark') yield 'bookmark'
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      left.abort()
      this.#followers.delete(tell)
      signal.removeEventListener('abort', wakeUp)
    }
  }
}
