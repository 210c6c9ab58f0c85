import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { FrameSplitter } from './frames.ts'
import { Pipe, type Way } from './pipe.ts'
import type { Moment } from './points.ts'
import { generationOf, parseRequest, type Request } from './requests.ts'

interface Tunnel {
  client: Socket
  broker: Socket
  requests: Pipe
  answers: Pipe
  /** The broker's end is gone, and the client is not told. */
  isHalfOpen: boolean
}

/**
 * A TCP proxy in front of one listener of a broker, for one detector. It understands the heads of requests, so a fault can be put at an
 * exact place; and it can be as bad as networks are. Bytes are never changed, and never overtake each other.
 */
export class KafkaProxy {
  readonly #server: Server
  readonly #tunnels = new Set<Tunnel>()
  /** Connections that were taken and will never be answered. */
  readonly #silent = new Set<Socket>()
  readonly #requestWay: Way = { delayMs: 0, isHeld: false }
  readonly #answerWay: Way = { delayMs: 0, isHeld: false }
  #isMute = false
  #brokerPort = 0
  #onMoment: ((moment: Moment) => boolean) | undefined
  /** Generations of the group that were seen to begin. */
  readonly generations = new Set<number>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (client) => this.#accept(client))
  }

  /** Listens on a free port of the loopback; connections are taken once it knows the broker's port. */
  static async listen(): Promise<KafkaProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const proxy = new KafkaProxy(server)
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections go through. */
  get connections(): number {
    return this.#tunnels.size
  }

  /** Where connections are passed on to; nobody is asked for those that are there. */
  forwardTo(brokerPort: number): void {
    this.#brokerPort = brokerPort
  }

  /**
   * Told of each request and answer before it is delivered; what it does at once, such as a kill, comes first. Where it says true,
   * the message is lost.
   */
  watch(onMoment: ((moment: Moment) => boolean) | undefined): void {
    this.#onMoment = onMoment
  }

  /** From now on each message takes so long, each way. */
  delay(ms: number): void {
    this.#requestWay.delayMs = this.#answerWay.delayMs = ms
  }

  /** Nothing gets through one way or both; nobody is told. What was sent meanwhile arrives after `heal`. */
  partition(ways: 'requests' | 'answers' | 'both'): void {
    this.#requestWay.isHeld = ways !== 'answers'
    this.#answerWay.isHeld = ways !== 'requests'
  }

  /** Connections lose their far end without being told; new ones are taken and never answered. Those stay so after `heal`. */
  halfOpen(): number {
    this.#isMute = true
    const tunnels = [...this.#tunnels]
    for (const tunnel of tunnels) {
      tunnel.isHalfOpen = true
      tunnel.broker.destroy()
      tunnel.requests.clear()
      tunnel.answers.clear()
      this.#tunnels.delete(tunnel)
      this.#keepSilent(tunnel.client)
    }
    return tunnels.length
  }

  /** Breaks every connection, both ends told by RST. @returns how many. */
  reset(): number {
    const tunnels = [...this.#tunnels]
    for (const tunnel of tunnels) {
      this.#forget(tunnel)
      tunnel.client.resetAndDestroy()
      tunnel.broker.resetAndDestroy()
    }
    return tunnels.length
  }

  /** Lets everything through again, what was held first. */
  heal(): void {
    this.#isMute = false
    for (const way of [this.#requestWay, this.#answerWay]) {
      way.delayMs = 0
      way.isHeld = false
    }
    for (const { requests, answers } of this.#tunnels) {
      requests.pump()
      answers.pump()
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.reset()
    for (const socket of this.#silent) socket.destroy()
    await closed
  }

  #accept(client: Socket): void {
    if (this.#isMute) return this.#keepSilent(client)
    const broker = connect({ host: '127.0.0.1', port: this.#brokerPort, allowHalfOpen: true, noDelay: true })
    const tunnel: Tunnel = {
      client,
      broker,
      requests: new Pipe(client, broker, () => this.#requestWay),
      answers: new Pipe(broker, client, () => this.#answerWay),
      isHalfOpen: false,
    }
    this.#tunnels.add(tunnel)
    this.#join(tunnel)
  }

  #join(tunnel: Tunnel): void {
    const { client, broker, requests, answers } = tunnel
    const asked = new Map<number, Request>()
    const fromClient = new FrameSplitter()
    const fromBroker = new FrameSplitter()
    client.on('data', (chunk: Buffer) => {
      for (const frame of tunnel.isHalfOpen ? [] : fromClient.push(chunk)) {
        const request = parseRequest(frame)
        if (request !== undefined) asked.set(request.correlationId, request)
        if (request === undefined || !this.#isLost('request', request)) requests.push(frame)
      }
    })
    broker.on('data', (chunk: Buffer) => {
      for (const frame of fromBroker.push(chunk)) {
        const request = asked.get(frame.readInt32BE(4))
        if (request !== undefined) asked.delete(request.correlationId)
        if (request === undefined || !this.#isLost('answer', request)) answers.push(frame)
      }
    })
    client.on('end', () => requests.end())
    broker.on('end', () => answers.end())
    client.on('close', () => this.#ended(tunnel))
    broker.on('close', () => this.#ended(tunnel))
    // Whoever broke it is told by 'close'; a broker that is not there is one more way to break.
    client.on('error', () => {})
    broker.on('error', () => client.resetAndDestroy())
  }

  #isLost(side: Moment['side'], request: Request): boolean {
    const generation = generationOf(request)
    if (side === 'request' && generation !== undefined) this.generations.add(generation)
    return this.#onMoment?.({ side, request }) ?? false
  }

  #ended(tunnel: Tunnel): void {
    tunnel.requests.end()
    tunnel.answers.end()
    if (tunnel.client.destroyed && tunnel.broker.destroyed) this.#forget(tunnel)
  }

  #forget(tunnel: Tunnel): void {
    tunnel.requests.clear()
    tunnel.answers.clear()
    this.#tunnels.delete(tunnel)
  }

  #keepSilent(client: Socket): void {
    this.#silent.add(client)
    client.on('error', () => {})
    client.on('close', () => this.#silent.delete(client))
    client.on('end', () => client.destroy())
    client.resume()
  }
}
