import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ensureBinaries } from './binaries.ts'
import { ClusterUnreachable, ImageNotLoaded, type Cluster } from './cluster.ts'
import { findHeldCluster, loadIntoHeldCluster, type HeldCluster } from './held.ts'
import { findKind, loadIntoKind } from './kind.ts'
import { lastLines, runProgram } from './program.ts'

const reachTimeoutMs = 15_000
const loadTimeoutMs = 300_000

/** A command that loads an image into a cluster of somebody's own; the archive's path is its last argument. */
const loadVariable = 'TIDEWATCH_LOAD_IMAGE'

/**
 * A cluster that somebody else made and goes on using: it is never stopped.
 *
 * @throws ClusterUnreachable
 */
export async function openGivenCluster(kubeconfig: string): Promise<Cluster> {
  const file = resolve(kubeconfig)
  if (!existsSync(file)) throw new ClusterUnreachable(`There is no kubeconfig ${file}: give the path of one that exists`)
  const kubectl = await findKubectl()
  const { ok, said } = await runProgram(kubectl, ['--kubeconfig', file, '--request-timeout=10s', 'get', '--raw', '/readyz'], { timeoutMs: reachTimeoutMs })
  if (!ok) throw new ClusterUnreachable(`The cluster of ${file} does not answer: ${lastLines(said)}. Check its current context and that the cluster runs`)
  const context = (await runProgram(kubectl, ['--kubeconfig', file, 'config', 'current-context'], { timeoutMs: reachTimeoutMs })).said
  const held = await findHeldCluster()
  const isHeld = held !== undefined && isSameCluster(file, held)
  return {
    kind: 'given',
    kubeconfig: file,
    ...(isHeld ? { auditLog: held.auditLog } : {}),
    loadImage: isHeld ? loadIntoHeldCluster : (tar) => loadImage(tar, context),
    endsWithStop: false,
    stop: async () => {},
  }
}

async function findKubectl(): Promise<string> {
  const { ok } = await runProgram('kubectl', ['version', '--client'], { timeoutMs: reachTimeoutMs })
  return ok ? 'kubectl' : ensureBinaries().path('kubectl')
}

/** The cluster of `make cluster` prints a kubeconfig, which comes back here. */
const isSameCluster = (file: string, held: HeldCluster): boolean => readFileSync(file).equals(readFileSync(held.kubeconfig))

async function loadImage(tar: string, context: string): Promise<void> {
  const command = process.env[loadVariable]
  if (command !== undefined && command !== '') {
    const { ok, said } = await runProgram('/bin/sh', ['-c', `${command} "$1"`, 'sh', tar], { timeoutMs: loadTimeoutMs })
    if (!ok) throw new ImageNotLoaded(`"${command} ${tar}" (${loadVariable}) failed: ${lastLines(said)}`)
    return
  }
  const name = /^kind-(.+)$/.exec(context)?.[1]
  const kind = name === undefined ? undefined : findKind()
  if (name !== undefined && kind !== undefined) return loadIntoKind(kind, name, tar)
  throw new ImageNotLoaded(
    `How images get into the cluster of context "${context}" is not known: set ${loadVariable} to a command that takes an archive, such as "minikube image load" or "k3d image import", or to "true" where the images are there already`,
  )
}
