import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { openGivenCluster } from './given.ts'
import { findHeldCluster, loadIntoHeldCluster } from './held.ts'
import { findKeptKind } from './kept-kind.ts'
import { createKindCluster, deleteKindCluster, findKind, findKindObstacle, loadIntoKind } from './kind.ts'
import { startLocalCluster } from './local.ts'

/**
 * Gives a cluster, the first that can be had: the one of `kubeconfig`; the one that `make cluster` left running; one by
 * kind, where a Docker engine answers and can have the node image; one on this machine. The last two end with `stop`.
 *
 * @throws ClusterUnreachable, KindFailed, ClusterFailed
 */
export async function obtainCluster({ kubeconfig, say = console.log }: { kubeconfig?: string; say?: (sentence: string) => void } = {}): Promise<Cluster> {
  if (kubeconfig !== undefined) return openGivenCluster(kubeconfig)
  const held = await findHeldCluster()
  if (held !== undefined) return { kind: 'local', kubeconfig: held.kubeconfig, auditLog: held.auditLog, loadImage: loadIntoHeldCluster, endsWithStop: false, stop: async () => {} }
  const kept = findKeptKind()
  if (kept !== undefined) return { ...(await openGivenCluster(kept)), kind: 'kind' }
  const obstacle = await findKindObstacle(say)
  if (obstacle === undefined) return makeKindCluster()
  say(`cluster: no kind (${obstacle}): one is made on this machine`)
  return { kind: 'local', endsWithStop: true, ...(await startLocalCluster()) }
}

async function makeKindCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-kind-'))
  const name = `tidewatch-${randomBytes(3).toString('hex')}`
  const kubeconfig = join(folder, 'kubeconfig')
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  try {
    await createKindCluster(name, kubeconfig)
  } catch (error) {
    removeFolder()
    throw error
  }
  return {
    kind: 'kind',
    kubeconfig,
    loadImage: (tar) => loadIntoKind(findKind() ?? 'kind', name, tar),
    endsWithStop: true,
    stop: async () => {
      await deleteKindCluster(name, kubeconfig)
      removeFolder()
    },
  }
}
