import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { heldFolder } from './held.ts'
import { createKindCluster, deleteKindCluster } from './kind.ts'

const name = 'tidewatch'
/** It is there as long as the cluster is. */
const kubeconfig = (): string => join(heldFolder(), 'kind.kubeconfig')

/** The kubeconfig of the kind cluster that `make cluster` left running, if there is one. */
export const findKeptKind = (): string | undefined => (existsSync(kubeconfig()) ? kubeconfig() : undefined)

/** Makes a kind cluster that outlives this process; gives its kubeconfig. @throws KindFailed */
export async function makeKeptKind(): Promise<string> {
  mkdirSync(heldFolder(), { recursive: true, mode: 0o700 })
  await createKindCluster(name, kubeconfig())
  return kubeconfig()
}

/** Resolves with whether there was one. @throws KindFailed */
export async function removeKeptKind(): Promise<boolean> {
  if (findKeptKind() === undefined) return false
  await deleteKindCluster(name, kubeconfig())
  rmSync(kubeconfig(), { force: true })
  return true
}
