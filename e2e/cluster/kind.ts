import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineError } from '@tidewatch/kit'
import { parse } from 'yaml'
import { findGo } from './binaries.ts'
import { cacheDir } from './cache.ts'
import { ImageNotLoaded } from './cluster.ts'
import { lastLines, runProgram } from './program.ts'

/** kind could not be built, or could not make the cluster. */
export const KindFailed = defineError('KIND_FAILED', { retry: 'never' })

const kindVersion = '0.30.0'
const configFile = fileURLToPath(new URL('../../config/kind/cluster.yaml', import.meta.url))
const engineTimeoutMs = 5_000
const pullTimeoutMs = 300_000
const buildTimeoutMs = 600_000
const createTimeoutMs = 600_000
const loadTimeoutMs = 300_000

const builtKind = () => join(cacheDir(), `kind-${kindVersion}`, 'kind')

/** The kind on the PATH, or the one that was built before. */
export function findKind(): string | undefined {
  if (spawnSync('kind', ['version'], { stdio: 'ignore' }).status === 0) return 'kind'
  return existsSync(builtKind()) ? builtKind() : undefined
}

/** Why there can be no kind cluster on this machine, or undefined where there can. Pulls the node image if need be. */
export async function findKindObstacle(say: (sentence: string) => void): Promise<string | undefined> {
  if (!(await runProgram('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: engineTimeoutMs })).ok) return 'no Docker engine answers'
  const image = readNodeImage(readFileSync(configFile, 'utf8'))
  if ((await runProgram('docker', ['image', 'inspect', image], { timeoutMs: engineTimeoutMs })).ok) return undefined
  say(`pulling ${image}`)
  const { ok, said } = await runProgram('docker', ['pull', '--quiet', image], { timeoutMs: pullTimeoutMs })
  return ok ? undefined : `the node image cannot be had: ${lastLines(said, 1)}`
}

/** The image of the first node in a configuration of kind. */
export function readNodeImage(yaml: string): string {
  const image = (parse(yaml) as { nodes?: { image?: string }[] }).nodes?.[0]?.image
  if (image === undefined) throw new KindFailed('config/kind/cluster.yaml names no image for its first node: give nodes[0].image, so that it can be pulled beforehand')
  return image
}

/**
 * Makes a cluster in the Docker engine and writes its kubeconfig to a file; one that is half made is removed.
 *
 * @throws KindFailed
 */
export async function createKindCluster(name: string, kubeconfig: string): Promise<void> {
  const kind = findKind() ?? (await buildKind())
  const { ok, said } = await runProgram(kind, ['create', 'cluster', '--name', name, '--config', configFile, '--kubeconfig', kubeconfig, '--wait', '180s'], { timeoutMs: createTimeoutMs })
  if (ok) return
  await deleteKindCluster(name, kubeconfig)
  throw new KindFailed(`"kind create cluster --name ${name}" failed: ${lastLines(said)}`)
}

/** Removes a cluster; one that is not there is no error. @throws KindFailed */
export async function deleteKindCluster(name: string, kubeconfig: string): Promise<void> {
  const kind = findKind() ?? (await buildKind())
  const { ok, said } = await runProgram(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], { timeoutMs: createTimeoutMs })
  if (!ok) throw new KindFailed(`"kind delete cluster --name ${name}" failed: ${lastLines(said)}`)
}

/** @throws ImageNotLoaded */
export async function loadIntoKind(kind: string, name: string, tar: string): Promise<void> {
  const { ok, said } = await runProgram(kind, ['load', 'image-archive', tar, '--name', name], { timeoutMs: loadTimeoutMs })
  if (!ok) throw new ImageNotLoaded(`"kind load image-archive ${tar} --name ${name}" failed: ${lastLines(said)}`)
}

async function buildKind(): Promise<string> {
  const env = { GOBIN: join(cacheDir(), `kind-${kindVersion}`), CGO_ENABLED: '0', GOFLAGS: '-trimpath' }
  const { ok, said } = await runProgram(findGo(), ['install', `sigs.k8s.io/kind@v${kindVersion}`], { timeoutMs: buildTimeoutMs, env })
  if (!ok) throw new KindFailed(`kind ${kindVersion} could not be built from its Go module: ${lastLines(said)}. Put a kind on the PATH (https://kind.sigs.k8s.io)`)
  return builtKind()
}
