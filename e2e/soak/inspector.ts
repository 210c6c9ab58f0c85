/** What a process says of itself after a full garbage collection. */
export interface Insides {
  /** Objects of JavaScript. */
  heapBytes: number
  /** Memory behind typed arrays and buffers, which lies beside the heap. */
  bufferBytes: number
  /** How many of each kind keep the event loop alive: `Timeout`, `TCPSocketWrap` and so on. */
  resources: Record<string, number>
}

const question = `(() => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return JSON.stringify({ heapBytes: heapUsed, bufferBytes: arrayBuffers, resources })
})()`

interface Answer {
  id?: number
  error?: { message: string }
  result?: { result?: { value?: string } }
}

/** The address in what Node.js says when it is started with `--inspect`; undefined before it is said. */
export function findInspectorAddress(output: string): string | undefined {
  return /Debugger listening on (ws:\/\/\S+)/.exec(output)?.[1]
}

/** Asks a running Node.js for its insides by the protocol that debuggers use. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    const settle = (answer: Answer) => {
      const resolve = this.#waiting.get(answer.id!)
      this.#waiting.delete(answer.id!)
      resolve?.(answer)
    }
    socket.addEventListener('message', ({ data }) => settle(JSON.parse(String(data)) as Answer))
    socket.addEventListener('close', () => {
      for (const id of [...this.#waiting.keys()]) settle({ id, error: { message: 'the process has ended' } })
    })
  }

  static open(address: string): Promise<Inspector> {
    const socket = new WebSocket(address)
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(new Inspector(socket)))
      socket.addEventListener('error', () => reject(new Error(`Could not connect to the inspector at ${address}: has the process ended?`)))
    })
  }

  async readInsides(): Promise<Insides> {
    await this.#ask('HeapProfiler.collectGarbage')
    const { result } = await this.#ask('Runtime.evaluate', { expression: question, returnByValue: true })
    return JSON.parse(result!.result!.value!) as Insides
  }

  close(): void {
    this.#socket.close()
  }

  async #ask(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#lastId
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    if (answer.error !== undefined) throw new Error(`The inspector did not answer ${method}: ${answer.error.message}`)
    return answer
  }
}
