import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineError } from '@tidewatch/kit'
import { cacheDir } from './cache.ts'

export const GoMissing = defineError('GO_MISSING', { retry: 'never' })
export const BuildFailed = defineError('BUILD_FAILED', { retry: 'never' })

export const kubernetesVersion = '1.34.4'

/** What the one binary can be called by. */
export const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'coredns', 'pause'] as const
export type Component = (typeof components)[number]

export interface Binaries {
  folder: string
  /** The file of a component: a link to the one binary, which looks at the name that it is called by. */
  path(component: Component): string
  helm: string
}

const source = fileURLToPath(new URL('./binaries', import.meta.url))

/** A leftover this old belongs to a run that was killed half-way. */
const leftoverAgeMs = 3 * 3_600_000

/**
 * Gives the binaries of Kubernetes and Helm; builds them from their Go modules where the cache has none for these
 * sources and this compiler (about ten minutes on two cores, once).
 *
 * They are put together in a folder of their own that is renamed at the end: a run that was killed leaves nothing that
 * looks finished.
 *
 * @throws GoMissing, BuildFailed
 */
export function ensureBinaries(): Binaries {
  const go = findGo()
  const finished = join(cacheDir(), `kubernetes-${kubernetesVersion}-${computeKey(go)}`)
  if (!existsSync(finished)) build(go, finished)
  return { folder: finished, path: (component) => join(finished, component), helm: join(finished, 'helm') }
}

/** The Go compiler: the one on the PATH, or the one where its installer puts it. @throws GoMissing */
export function findGo(): string {
  for (const candidate of ['go', '/usr/local/go/bin/go']) {
    if (spawnSync(candidate, ['version']).status === 0) return candidate
  }
  throw new GoMissing('Go is missing, which builds the Kubernetes of the tests: install Go 1.24 or newer (https://go.dev/dl) and put it on the PATH')
}

function computeKey(go: string): string {
  const hash = createHash('sha256')
  hash.update(execFileSync(go, ['env', 'GOVERSION', 'GOARCH']))
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)))
  return hash.digest('hex').slice(0, 12)
}

function build(go: string, finished: string): void {
  mkdirSync(dirname(finished), { recursive: true })
  removeLeftovers(dirname(finished))
  const unfinished = mkdtempSync(`${finished}.unfinished-`)
  console.log('cluster: building Kubernetes and Helm from their Go modules (once, about ten minutes on two cores)')
  try {
    const [major, minor] = kubernetesVersion.split('.')
    const version = 'k8s.io/component-base/version'
    const stamps = [`-X ${version}.gitVersion=v${kubernetesVersion}`, `-X ${version}.gitMajor=${major}`, `-X ${version}.gitMinor=${minor}`]
    runGo(go, ['build', '-trimpath', '-ldflags', ['-s', '-w', ...stamps].join(' '), '-o', join(unfinished, 'node'), '.'])
    runGo(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(unfinished, 'helm'), 'helm.sh/helm/v3/cmd/helm'])
    for (const component of components) symlinkSync('node', join(unfinished, component))
    renameSync(unfinished, finished)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Somebody else was faster: theirs is as good as ours.
    if (!existsSync(finished)) throw error
  }
}

function runGo(go: string, args: string[]): void {
  const { status, stderr } = spawnSync(go, args, { cwd: source, env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' }, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new BuildFailed(`"go ${args[0]} ${args.at(-1)}" in e2e/cluster/binaries failed: ${stderr.trim().split('\n').slice(-5).join(' | ')}`)
}

function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.includes('.unfinished-') && Date.now() - statSync(path).mtimeMs > leftoverAgeMs) rmSync(path, { recursive: true, force: true })
  }
}
