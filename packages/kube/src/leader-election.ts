import { defineError, type AppError, type Clock, type Logger } from '@tidewatch/kit'
import { classify } from './classify.ts'
import { AlreadyExists, NotFound, WriteConflict } from './errors.ts'
import type { Kube } from './kube.ts'
import { isLeaseFree, observeLease, planLease, planRelease, specOf, type LeaseObservation } from './lease.ts'
import { keyOf, type KubeObject, type ObjectName } from './object.ts'
import { resources } from './resource.ts'

/** Another replica leads by now, or may: the process must end without one more write. */
export const LeadershipLost = defineError('KUBE_LEADERSHIP_LOST', { retry: 'never' })

export interface LeaderElectionOptions {
  kube: Kube
  lease: Required<ObjectName>
  /** Of this process and no other: pod name and something of chance. */
  identity: string
  clock: Clock
  log: Logger
  /** Uniform in [0, 1). Default: `Math.random`. */
  random?: (() => number) | undefined
  /** Ends it in order: stops `onLeading`, waits for it, then lets go of the Lease. */
  signal: AbortSignal
  /** The work of the leader, at most once. Its signal aborts when it must stop; its end is the end of the election. */
  onLeading: (leading: AbortSignal) => Promise<void>
  /** The Lease was lost: end the process at once. */
  onLost: (error: AppError) => void
  /** How long others wait after the last renewal that they saw. Default 15,000 ms, as in controller-runtime. */
  leaseDurationMs?: number | undefined
  /** A leader that could not renew for so long has lost. Must be less than the duration. Default 10,000 ms. */
  renewDeadlineMs?: number | undefined
  /** Between two tries. Default 2,000 ms; while waiting up to 1.2 times more, by chance. */
  retryPeriodMs?: number | undefined
}

export interface LeaderElection {
  /** Resolves after `signal`, or when `onLeading` ended. @throws LeadershipLost; and what `onLeading` throws */
  done: Promise<void>
  /** Leads now, and has renewed within the deadline. Ask before each burst of writes: a process that was paused has not noticed yet. */
  isFresh(nowMs: number): boolean
}

/** Waits for the Lease, leads, and ends; it never leads twice. */
export function runAsLeader(options: LeaderElectionOptions): LeaderElection {
  const election = new Election(options)
  return { done: election.run(), isFresh: (nowMs) => election.isFresh(nowMs) }
}

type Attempt = 'held' | 'taken' | 'failed'

class Election {
  readonly #options: LeaderElectionOptions & { leaseDurationMs: number; renewDeadlineMs: number; retryPeriodMs: number; random: () => number }
  #observation: LeaseObservation | undefined
  /** As we wrote it last: the next renewal goes without reading. */
  #held: KubeObject | undefined
  /** When the last successful renewal was sent, not answered: the others count from a moment in between. */
  #renewedMs = -Infinity

  constructor(options: LeaderElectionOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000, random = Math.random } = options
    this.#options = { ...options, leaseDurationMs, renewDeadlineMs, retryPeriodMs, random }
  }

  isFresh(nowMs: number): boolean {
    return nowMs - this.#renewedMs < this.#options.renewDeadlineMs
  }

  async run(): Promise<void> {
    const { clock, log, random, retryPeriodMs, signal, lease, identity } = this.#options
    log.info({ lease: keyOf(lease), identity }, 'Waits for the Lease')
    while (!signal.aborted) {
      if ((await this.#attempt(Infinity)) === 'held' && this.isFresh(clock.now())) return this.#lead()
      await clock.sleep(retryPeriodMs * (1 + 1.2 * random()), signal)
    }
  }

  async #lead(): Promise<void> {
    const { clock, log, signal, retryPeriodMs, renewDeadlineMs, lease, identity, onLeading, onLost } = this.#options
    log.info({ lease: keyOf(lease), identity }, 'Took the Lease and leads')
    const leading = new AbortController()
    const stop = () => leading.abort()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const ended = new AbortController()
    const work = onLeading(leading.signal).finally(() => ended.abort())
    // It is awaited below; until then its rejection is not unhandled.
    work.catch(() => undefined)
    try {
      // Also while the work comes to its end in order: only then may another begin.
      while (!ended.signal.aborted) {
        await clock.sleep(retryPeriodMs, ended.signal)
        if (ended.signal.aborted) break
        const leftMs = this.#renewedMs + renewDeadlineMs - clock.now()
        const outcome = leftMs <= 0 ? 'failed' : await this.#attempt(leftMs)
        if (outcome === 'held' || (outcome === 'failed' && this.isFresh(clock.now()))) continue
        const why = outcome === 'taken' ? 'another replica has taken it' : `it could not be renewed within ${renewDeadlineMs / 1_000} s`
        const error = new LeadershipLost(`Lost the Lease ${keyOf(lease)}: ${why}. End this process; another replica goes on`)
        this.#renewedMs = -Infinity
        leading.abort()
        onLost(error)
        throw error
      }
      await work
      await this.#release()
    } catch (error) {
      leading.abort()
      if (!(error instanceof LeadershipLost)) await this.#release()
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
      this.#renewedMs = -Infinity
    }
  }

  /** Takes or renews the Lease; what goes wrong is logged, and tried again by the caller. */
  async #attempt(limitMs: number): Promise<Attempt> {
    const { clock, log, lease } = this.#options
    const nowMs = clock.now()
    const done = new AbortController()
    const tryOnce = this.#write(nowMs)
      .catch((thrown: unknown): Attempt => {
        log.warn({ err: classify(`renew the Lease ${keyOf(lease)}`, thrown), lease: keyOf(lease) }, 'Failed to take or renew the Lease')
        return 'failed'
      })
      .finally(() => done.abort())
    // A request that hangs must not outlive the deadline.
    const outcome = limitMs === Infinity ? await tryOnce : await Promise.race([tryOnce, clock.sleep(limitMs, done.signal).then((): Attempt | undefined => (done.signal.aborted ? undefined : 'failed'))])
    return outcome ?? tryOnce
  }

  async #write(nowMs: number): Promise<Attempt> {
    const { kube, lease: name, identity, leaseDurationMs: durationMs } = this.#options
    const plan = (lease: KubeObject | undefined) => planLease(lease, { name, identity, durationMs, nowMs })
    if (this.#held !== undefined) {
      try {
        return this.#keep(await kube.update(resources.leases, plan(this.#held)), nowMs)
      } catch (error) {
        if (!(error instanceof WriteConflict || error instanceof NotFound)) throw error
        // Somebody touched it: an annotation, a deletion, or another leader. Read and see.
        this.#held = undefined
      }
    }
    const lease = await kube.read(resources.leases, name)
    this.#observation = observeLease(this.#observation, lease, nowMs)
    if (!isLeaseFree(lease, this.#observation, identity, nowMs)) return 'taken'
    try {
      return this.#keep(await (lease === undefined ? kube.create(resources.leases, plan(lease)) : kube.update(resources.leases, plan(lease))), nowMs)
    } catch (error) {
      // Two saw it free, and the other was first.
      if (error instanceof AlreadyExists || error instanceof WriteConflict) return 'failed'
      throw error
    }
  }

  #keep(lease: KubeObject, nowMs: number): Attempt {
    this.#held = lease
    this.#renewedMs = nowMs
    return 'held'
  }

  /** So that the next one need not wait for the end of the duration. Where it fails, it only waits longer. */
  async #release(): Promise<void> {
    const { kube, clock, log, lease, identity } = this.#options
    const held = this.#held
    this.#renewedMs = -Infinity
    this.#held = undefined
    if (held === undefined || specOf(held).holderIdentity !== identity) return
    try {
      await kube.update(resources.leases, planRelease(held, clock.now()))
      log.info({ lease: keyOf(lease), identity }, 'Released the Lease')
    } catch (err) {
      log.warn({ err, lease: keyOf(lease) }, 'Failed to release the Lease; the next leader waits until it runs out')
    }
  }
}
