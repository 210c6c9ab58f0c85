import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AppError, codeOf, PortInUse, systemClock } from '@tidewatch/kit'
import { readLastWords, startJava, type JavaChild } from './child.ts'
import { readEmbeddedConfig } from './config.ts'
import { BrokerDied, DiskFull } from './errors.ts'
import { findFreePorts, isPortFree } from './free-ports.ts'
import { ensureJars, exists, kafkaCacheDir } from './jars.ts'
import { checkJava } from './java.ts'
import type { Listener } from './listeners.ts'
import { listsBroker } from './readiness.ts'
import { runCommand } from './run.ts'
import { buildServerProperties, loggingProperties } from './server-properties.ts'

export { kafkaVersion } from './jars.ts'
export { kafkaTool } from './tools.ts'

export interface EmbeddedKafkaOptions {
  /** Kept after `stop` where given; else a temporary folder, removed by `stop`. */
  dataDir?: string
  /** Where the broker's own log goes; beside the data where undefined. */
  logDir?: string
  /** A free one where undefined. */
  port?: number
  /** The JVM's heap, as in `-Xmx`; 512m. */
  heap?: string
  /** Listeners beside the one that lets everybody in, on free ports of the loopback (`portOf` tells which). */
  extraListeners?: readonly ExtraListener[]
  /** More lines of server.properties; they win over ours. */
  config?: Record<string, string>
}

export interface ExtraListener extends Pick<Listener, 'name' | 'protocol'> {
  /** Where clients are told to go, `host:port`, such as to a proxy; to the listener itself where undefined. */
  advertised?: string
}

/** A single Apache Kafka broker (KRaft) as a child process. */
export interface EmbeddedKafka {
  /** The bootstrap address, `127.0.0.1:port`. */
  readonly brokers: string
  readonly pid: number
  /** The port of one of the `extraListeners`, by its name. */
  portOf(listener: string): number
  /** The broker's own log. */
  readonly logFile: string
  /** Resolves when the broker ends without having been asked to by one of the methods below. */
  readonly died: Promise<AppError>
  /** Stops the broker, waits for its exit and removes its temporary folders. Harmless when called again. */
  stop(): Promise<void>
  /** Sends the process a signal; SIGKILL and SIGTERM wait for its exit. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data; stops it first where it still runs. */
  restart(): Promise<void>
}

/** How long a broker may take until it answers; a cold start on a busy machine takes around 10 s. */
const startTimeoutMs = 60_000
/** How long SIGTERM has before SIGKILL comes. */
const stopTimeoutMs = 15_000
/** A free port can be taken by another process before the broker gets to it. */
const portAttempts = 5

/**
 * Starts a broker; fetches Kafka into the cache first where it is not there yet.
 *
 * @throws JavaMissing, MavenMissing, JarsMissing, DiskFull, PortInUse, BrokerDied: each says in one sentence what to do.
 */
export async function startEmbeddedKafka(options: EmbeddedKafkaOptions = {}): Promise<EmbeddedKafka> {
  const { cacheDir, javaCommand } = readEmbeddedConfig()
  const javaVersion = await checkJava(javaCommand)
  const classPath = await ensureJars(cacheDir)
  if (options.port !== undefined && !(await isPortFree(options.port))) throw portInUse(options.port)

  for (let attempt = 1; ; attempt++) {
    const broker = new Broker(options, { cacheDir, javaCommand, javaVersion, classPath })
    try {
      await broker.start()
      return broker
    } catch (error) {
      await broker.stop()
      if (codeOf(error) !== PortInUse.code) throw error
      if (options.port !== undefined || attempt === portAttempts) throw error
    }
  }
}

interface Programs {
  cacheDir: string
  javaCommand: string
  javaVersion: string
  classPath: string
}

class Broker implements EmbeddedKafka {
  readonly died: Promise<AppError>
  readonly #options: EmbeddedKafkaOptions
  readonly #programs: Programs
  readonly #announceDeath: (error: AppError) => void
  #port = 0
  #portByListener = new Map<string, number>()
  #logFile = ''
  #propertiesFile = ''
  #temporaryDir: string | undefined
  #child: JavaChild | undefined
  /** Set while the class data archive is being written by the running JVM; renamed once that has ended well. */
  #unfinishedArchive: string | undefined
  #isEnding = false

  constructor(options: EmbeddedKafkaOptions, programs: Programs) {
    this.#options = options
    this.#programs = programs
    const { promise, resolve } = Promise.withResolvers<AppError>()
    this.died = promise
    this.#announceDeath = resolve
  }

  get brokers(): string {
    return `127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  portOf(listener: string): number {
    const port = this.#portByListener.get(listener)
    if (port === undefined) throw new RangeError(`The embedded Kafka broker has no extra listener ${listener}: it has ${[...this.#portByListener.keys()].join(', ') || 'none'}`)
    return port
  }

  get logFile(): string {
    return this.#logFile
  }

  async start(): Promise<void> {
    await this.#translateDiskFull(async () => {
      await this.#layOut()
      await this.#run()
    })
  }

  async stop(): Promise<void> {
    await this.#end()
    if (this.#temporaryDir !== undefined) await rm(this.#temporaryDir, { recursive: true, force: true })
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const isDeadly = signal === 'SIGKILL' || signal === 'SIGTERM'
    if (isDeadly) this.#isEnding = true
    this.#child?.kill(signal)
    if (isDeadly) await this.#child?.exited
  }

  async restart(): Promise<void> {
    await this.#end()
    await this.#translateDiskFull(() => this.#run())
  }

  /** Folders, ports, configuration; a data folder that was used before is taken as it is. */
  async #layOut(): Promise<void> {
    const { dataDir, logDir, extraListeners = [], config = {} } = this.#options
    const folder = await mkdtemp(join(tmpdir(), 'tidewatch-kafka-'))
    this.#temporaryDir = folder
    const data = dataDir ?? join(folder, 'data')
    const [port = 0, controllerPort = 0, ...extraPorts] = await findFreePorts(2 + extraListeners.length)
    this.#port = this.#options.port ?? port
    this.#portByListener = new Map(extraListeners.map(({ name }, i) => [name, extraPorts[i]!]))
    const listeners = extraListeners.map((one) => ({ ...one, address: `127.0.0.1:${this.portOf(one.name)}` }))
    this.#propertiesFile = join(folder, 'server.properties')
    await mkdir(logDir ?? folder, { recursive: true })
    this.#logFile = join(logDir ?? folder, 'kafka.log')
    await writeFile(join(folder, 'log4j2.properties'), loggingProperties)
    await writeFile(
      this.#propertiesFile,
      buildServerProperties({ port: this.#port, controllerPort, dataDir: data, extraListeners: listeners, config }),
    )
    if (!(await exists(join(data, 'meta.properties')))) {
      const clusterId = randomBytes(16).toString('base64url')
      const { exitCode, stdout, stderr } = await runCommand(this.#programs.javaCommand, [
        ...(await this.#jvmFlags()),
        'kafka.tools.StorageTool',
        'format',
        '--cluster-id',
        // The tool takes a leading dash for an option.
        clusterId.replace(/^-/, '_'),
        '--config',
        this.#propertiesFile,
      ])
      if (exitCode !== 0) throw this.#explain(stdout + stderr, `could not format ${data}`)
    }
  }

  async #run(): Promise<void> {
    this.#isEnding = false
    await writeFile(this.#logFile, '', { flag: 'a' })
    await truncate(this.#logFile)
    const child = await startJava(
      this.#programs.javaCommand,
      [...(await this.#jvmFlags({ mayArchive: true })), 'kafka.Kafka', this.#propertiesFile],
      { logFile: this.#logFile, ownedFolder: this.#temporaryDir },
    )
    this.#child = child
    void child.exited.then((code) => {
      if (child === this.#child && !this.#isEnding) {
        this.#announceDeath(this.#explain(readLastWords(this.#logFile), `ended (${code})`))
      }
    })
    await this.#becomeReady(child)
  }

  async #becomeReady(child: JavaChild): Promise<void> {
    const deadline = systemClock.now() + startTimeoutMs
    while (!(await listsBroker(this.#port, 1_000))) {
      if (child.hasExited()) {
        throw this.#explain(readLastWords(this.#logFile), `ended (${await child.exited}) before it was ready`)
      }
      if (systemClock.now() > deadline) {
        throw this.#explain(readLastWords(this.#logFile), `was not ready after ${startTimeoutMs / 1_000} s`)
      }
      await sleep(25)
    }
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#isEnding = true
    // A process stopped by SIGSTOP would not see the SIGTERM.
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await child.exited
    clearTimeout(killer)
    if (this.#unfinishedArchive !== undefined) {
      const finished = this.#archiveFile()
      // Missing after a SIGKILL; the next broker tries again.
      await rename(this.#unfinishedArchive, finished).catch(() => {})
      this.#unfinishedArchive = undefined
    }
  }

  /**
   * Flags for every JVM of this broker. A class data archive cuts the start from about 3 s to 1 s; the JVM that finds
   * none writes one when it ends. One of another JVM or class path is passed over by the JVM itself.
   */
  async #jvmFlags({ mayArchive = false } = {}): Promise<string[]> {
    const archive = this.#archiveFile()
    const sharing = (await exists(archive)) ? [`-XX:SharedArchiveFile=${archive}`, '-Xlog:cds=off'] : []
    if (sharing.length === 0 && mayArchive) {
      this.#unfinishedArchive = `${archive}.unfinished-${process.pid}-${this.#port}`
      sharing.push(`-XX:ArchiveClassesAtExit=${this.#unfinishedArchive}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off')
    }
    return [
      `-Xmx${this.#options.heap ?? '512m'}`,
      '-Xms64m',
      '-XX:MaxGCPauseMillis=20',
      '-Djava.awt.headless=true',
      ...sharing,
      `-Dlog4j2.configurationFile=${join(this.#temporaryDir!, 'log4j2.properties')}`,
      '-cp',
      this.#programs.classPath,
    ]
  }

  #archiveFile(): string {
    return join(kafkaCacheDir(this.#programs.cacheDir), `classes-${this.#programs.javaVersion}.jsa`)
  }

  #explain(words: string, what: string): AppError {
    if (/Address already in use|BindException/.test(words)) return portInUse(this.#port)
    if (words.includes('No space left on device')) return this.#diskFull()
    return new BrokerDied(`The embedded Kafka broker ${what}: ${words} (its log: ${this.#logFile})`)
  }

  #diskFull(cause?: unknown): AppError {
    const folder = this.#options.dataDir ?? this.#temporaryDir ?? tmpdir()
    return new DiskFull(`The disk is full: the embedded Kafka broker cannot write to ${folder}`, { cause })
  }

  async #translateDiskFull(run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' ? this.#diskFull(error) : error
    }
  }
}

function portInUse(port: number): AppError {
  return new PortInUse(
    `Port ${port} is in use by another process: stop it, or choose another port for the embedded Kafka broker`,
  )
}
