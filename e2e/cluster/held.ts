import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@tidewatch/kit'
import { cacheDir } from './cache.ts'
import { ImageNotLoaded } from './cluster.ts'
import { ClusterFailed } from './local.ts'
import { lastLines } from './program.ts'

/** What the holder of a cluster tells of it. */
export interface HeldCluster {
  kubeconfig: string
  auditLog: string
  /** The process that holds it. */
  pid: number
}

/** What outlives a command: the holder's socket, log and kubeconfig. */
export const heldFolder = (): string => join(cacheDir(), 'cluster')
export const heldKubeconfig = (): string => join(heldFolder(), 'kubeconfig')
export const heldSocket = (): string => join(heldFolder(), 'holder.sock')
const logFile = (): string => join(heldFolder(), 'holder.log')

const holder = fileURLToPath(new URL('./holder.ts', import.meta.url))

/** The local cluster that `make cluster` left running, if one runs. */
export async function findHeldCluster(): Promise<HeldCluster | undefined> {
  try {
    return JSON.parse(await ask('GET', '/')) as HeldCluster
  } catch (error) {
    // Nobody listens: it was never started, or its holder was killed and took the cluster with it.
    if (['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Starts a local cluster that outlives this process. @throws ClusterFailed with the holder's last words. */
export async function startHeldCluster(): Promise<HeldCluster> {
  mkdirSync(heldFolder(), { recursive: true, mode: 0o700 })
  const log = openSync(logFile(), 'w', 0o600)
  // A session of its own, with nothing of this terminal: it ends by `POST /stop` or a signal.
  const child = spawn(process.execPath, [holder], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let failure: string | undefined
  child.once('error', (error) => (failure = error.message))
  child.once('exit', () => (failure = lastLines(readFileSync(logFile(), 'utf8').trim(), 1)))
  child.unref()
  for (;;) {
    if (failure !== undefined) throw new ClusterFailed(failure)
    const held = await findHeldCluster()
    if (held !== undefined) return held
    await sleep(100)
  }
}

/** @throws ImageNotLoaded */
export async function loadIntoHeldCluster(tar: string): Promise<void> {
  try {
    await ask('POST', '/images', tar)
  } catch (error) {
    throw new ImageNotLoaded(`${tar} could not be loaded into the cluster of "make cluster": ${messageOf(error)}`, { cause: error })
  }
}

/** Ends the cluster that `make cluster` left running; resolves with whether there was one, when all of it is gone. @throws ClusterFailed */
export async function stopHeldCluster(): Promise<boolean> {
  const held = await findHeldCluster()
  if (held === undefined) return false
  await ask('POST', '/stop').catch((error: unknown) => {
    throw new ClusterFailed(messageOf(error), { cause: error })
  })
  while (isAlive(held.pid)) await sleep(50)
  return true
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Resolves with the body of the answer, or rejects with it where the status is not 200. */
function ask(method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    // No connection is kept: the next question may go to another holder.
    const asked = request({ socketPath: heldSocket(), method, path, agent: false }, (response) => {
      let answer = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
      response.once('error', reject)
      response.once('end', () => (response.statusCode === 200 ? resolve(answer) : reject(new Error(answer))))
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
