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
const helmVersion = '3.19.5'

/** What the one binary can be called by. */
export const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'coredns', 'pause'] as const
export type Component = (typeof components)[number]

export interface Binaries {
  folder: string
  /** The file of a component: a link to the one binary, which looks at the name that it is called by. */
  path(component: Component): string
  helm: string
}

const [major, minor] = kubernetesVersion.split('.')

/** What each binary is built from and with. The version stamps are what the projects' own releases set: Helm's lint and template take them for the cluster's version. */
const builds = {
  node: { package: '.', stamps: { 'k8s.io/component-base/version': { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor } } },
  helm: {
    package: 'helm.sh/helm/v3/cmd/helm',
    stamps: {
      'helm.sh/helm/v3/internal/version': { version: `v${helmVersion}` },
      'helm.sh/helm/v3/pkg/lint/rules': { k8sVersionMajor: major, k8sVersionMinor: minor },
      'helm.sh/helm/v3/pkg/chartutil': { k8sVersionMajor: major, k8sVersionMinor: minor },
    },
  },
}

/** The arguments of `go build` for a binary, but for where it is written to. */
function buildFlags({ stamps }: { stamps: Record<string, Record<string, string | undefined>> }): string[] {
  const values = Object.entries(stamps).flatMap(([path, variables]) => Object.entries(variables).map(([variable, value]) => `-X ${path}.${variable}=${value}`))
  return ['-trimpath', '-ldflags', ['-s', '-w', ...values].join(' ')]
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
  for (const [name, one] of Object.entries(builds)) hash.update(JSON.stringify([name, one.package, buildFlags(one)]))
  return hash.digest('hex').slice(0, 12)
}

function build(go: string, finished: string): void {
  mkdirSync(dirname(finished), { recursive: true })
  removeLeftovers(dirname(finished))
  const unfinished = mkdtempSync(`${finished}.unfinished-`)
  console.log('cluster: building Kubernetes and Helm from their Go modules (once, about ten minutes on two cores)')
  try {
    for (const [name, one] of Object.entries(builds)) runGo(go, ['build', ...buildFlags(one), '-o', join(unfinished, name), one.package])
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
