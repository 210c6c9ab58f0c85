import { readFileSync } from 'node:fs'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, getCACertificates } from 'node:tls'
import { createLogger, systemClock, type Logger } from '@tidewatch/kit'
import type { ISocketFactoryArgs, KafkaConfig, Kafka as KafkaClient, RetryOptions } from 'kafkajs'
import { AccessDenied, AddressInvalid, isAccessDenied, KafkaUnreachable, reasonOf } from './errors.ts'
import { isKnownVersion } from './library/insides.ts'
import { bridgeLog } from './library/kafkajs-log.ts'
import { Kafka } from './library/kafkajs.ts'
import { readIntoShared } from './library/receive.ts'
import { authenticate } from './sasl.ts'

/** Certificates by file name: the files are read again for each connection, so rotated ones are taken up. */
export interface TlsOptions {
  /** The only authority to trust for the brokers' certificates; the system's own where undefined. */
  caFile?: string
  /** Authorities to trust beside that one or the system's. */
  extraCaFiles?: readonly string[]
  /** Our own certificate and key, where the brokers ask for one. */
  certFile?: string
  keyFile?: string
}

/** The password's file is read again at each authentication, so a rotated one is taken up. */
export interface SaslOptions {
  mechanism: 'plain' | 'scram-sha-512'
  username: string
  passwordFile: string
}

/** Where Kafka is and how to be let in. */
export interface KafkaConnection {
  /** `host:port`, one or more; a string holds them separated by commas. */
  brokers: string | readonly string[]
  clientId: string
  tls?: TlsOptions
  sasl?: SaslOptions
}

/** A kafkajs client whose sockets can be cut. */
export interface Client {
  kafka: KafkaClient
  /** Closes every socket at once and opens no more: what is still being asked for fails. */
  destroy(): void
}

/**
 * How kafkajs asks again inside one call, unless told otherwise: 0.1, 0.2, 0.4 ... 2 s, about 20 s in all, which a
 * broker's restart or a change of leader fits into.
 */
const defaultRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 2_000,
  retries: 14,
}

const connectionTimeoutMs = 10_000
const requestTimeoutMs = 30_000
/** A session is renewed this long before the brokers would end it. */
const reauthenticationThresholdMs = 10_000
/** Lower than the usual idle timeouts of load balancers (NAT, AWS: 350 s; Azure: 240 s). */
const keepAliveMs = 60_000

/** The one place in which a kafkajs client is made. */
export function createClient(
  connection: KafkaConnection,
  log: Logger,
  overrides: { retry?: RetryOptions; connectionTimeoutMs?: number } = {},
): Client {
  const sockets = new Set<Socket>()
  let isDestroyed = false

  const socketFactory = (args: ISocketFactoryArgs): Socket => {
    if (isDestroyed) throw new Error('this client was closed')
    const socket = openSocket(connection.tls, args)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const { sasl } = connection
  const config: KafkaConfig = {
    brokers: parseBrokers(connection.brokers),
    clientId: connection.clientId,
    connectionTimeout: overrides.connectionTimeoutMs ?? connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    reauthenticationThreshold: reauthenticationThresholdMs,
    retry: { ...defaultRetry, ...overrides.retry },
    socketFactory,
    ...bridgeLog(log),
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, authenticationProvider: authenticate(sasl) } }),
  }
  return {
    kafka: new Kafka(config),
    destroy() {
      isDestroyed = true
      // With an error: kafkajs listens for nothing else, and would wait 30 s for each answer.
      for (const socket of sockets) socket.destroy(new Error('this client was closed'))
    },
  }
}

/** @throws AddressInvalid */
export function parseBrokers(brokers: string | readonly string[]): string[] {
  const list = (typeof brokers === 'string' ? brokers.split(',') : [...brokers]).map((one) => one.trim())
  for (const address of list) {
    if (!/^[^\s:]+:[1-9]\d{0,4}$/.test(address)) {
      throw new AddressInvalid(`"${address}" is not the address of a Kafka broker: write it as host:port`)
    }
  }
  return list
}

function openSocket(tls: TlsOptions | undefined, { host, port, onConnect }: ISocketFactoryArgs): Socket {
  const socket: Socket = tls === undefined ? connectPlain({ host, port, ...(isKnownVersion && { onread: readIntoShared(() => socket) }) }, onConnect) : openTlsSocket(tls, host, port, onConnect)
  socket.setKeepAlive(true, keepAliveMs)
  // A request is written whole; waiting for more to send with it only makes it late.
  socket.setNoDelay(true)
  return socket
}

function openTlsSocket(
  { caFile, extraCaFiles = [], certFile, keyFile }: TlsOptions,
  host: string,
  port: number,
  onConnect: () => void,
): Socket {
  return connectTls(
    {
      host,
      port,
      // A bare address has no name to send, and TLS forbids sending it as one.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(caFile === undefined && extraCaFiles.length === 0 ? {} : { ca: readAuthorities(caFile, extraCaFiles) }),
      ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
      ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    },
    onConnect,
  )
}

/** Whatever is given to Node.js replaces the system's authorities: to be trusted too, they must be in the list. */
function readAuthorities(caFile: string | undefined, extraCaFiles: readonly string[]): (string | Buffer)[] {
  const base = caFile === undefined ? getCACertificates('default') : [readFileSync(caFile)]
  return [...base, ...extraCaFiles.map((file) => readFileSync(file))]
}

/** Attempts that fail here are told of in the error, once. */
const silent = createLogger({ name: 'kafka', level: 'silent' })

/**
 * Resolves as soon as a broker answers (and lets us in).
 *
 * @throws KafkaUnreachable naming the address, what was tried and for how long; AccessDenied at once.
 */
export async function assertReachable(connection: KafkaConnection, timeoutMs = 10_000): Promise<void> {
  const addresses = parseBrokers(connection.brokers).join(', ')
  const deadlineMs = systemClock.now() + timeoutMs
  let attempts = 0
  let pauseMs = 200
  let reason = ''
  for (;;) {
    const leftMs = Math.max(1, deadlineMs - systemClock.now())
    attempts++
    try {
      return await knock(connection, leftMs)
    } catch (error) {
      if (isAccessDenied(error)) {
        const user = connection.sasl === undefined ? '' : ` as ${connection.sasl.username}`
        throw new AccessDenied(`Kafka at ${addresses} does not let us in${user}: ${reasonOf(error)}`, { cause: error })
      }
      const latest = describeFailure(error)
      // The last attempt may have had too little time left to say more than that.
      if (reason === '' || latest !== silence) reason = latest
      const pauseLeftMs = Math.min(pauseMs, deadlineMs - systemClock.now())
      if (pauseLeftMs <= 0) {
        throw new KafkaUnreachable(
          `No Kafka broker answered at ${addresses} within ${timeoutMs / 1_000} s (tried ${attempts} ` +
            `time${attempts === 1 ? '' : 's'}: ${reason}): check the address, and that it can be reached from here`,
          { cause: error },
        )
      }
      await systemClock.sleep(pauseLeftMs)
      pauseMs = Math.min(pauseMs * 2, 2_000)
    }
  }
}

const silence = 'connected, but had no answer'

/** One attempt: connect, authenticate, ask for the cluster's brokers. */
async function knock(connection: KafkaConnection, timeoutMs: number): Promise<void> {
  const client = createClient(connection, silent, { retry: { retries: 0 }, connectionTimeoutMs: timeoutMs })
  const admin = client.kafka.admin()
  // Something that takes connections and says nothing would hold us for the 30 s of a request.
  const { promise: patience, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(silence)), timeoutMs)
  try {
    await Promise.race([admin.connect().then(() => admin.describeCluster()), patience])
  } finally {
    clearTimeout(timer)
    client.destroy()
  }
}

/** The innermost reason, without the address that the sentence names already. */
function describeFailure(error: unknown): string {
  return reasonOf(error)
    .replace(/^Connection error: /, '')
    .replace(/ \S+:\d+$/, '')
}
