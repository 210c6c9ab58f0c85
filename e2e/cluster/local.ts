import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineError, messageOf } from '@tidewatch/kit'
import { ensureBinaries } from './binaries.ts'
import { createCgroup, removeCgroup } from './cgroups.ts'
import type { Child } from './child.ts'
import { serviceRange, startControlPlane, type ControlPlane } from './control-plane.ts'
import { buildCniConfig, buildContainerdConfig, buildCorefile, buildKubeletConfig, buildProxyConfig, containerdSocket, dnsObjects, nodeName, pauseImage } from './node-config.ts'
import { writeProgramImage } from './pause-image.ts'
import { writePair } from './pki.ts'
import { hostAddress, isSandboxThere, nodeAddress, podRange, startSandbox, type Sandbox } from './sandbox.ts'

export const ClusterFailed = defineError('CLUSTER_FAILED', { retry: 'never' })

export interface LocalCluster {
  kubeconfig: string
  auditLog: string
  /** Puts an image (a docker-archive) where the kubelet finds it. */
  loadImage: (tar: string) => Promise<void>
  stop: () => Promise<void>
}

const cgroup = 'tidewatch-cluster'
const nodeTimeoutMs = 120_000
const folderPrefix = join(tmpdir(), 'tidewatch-cluster-')
const programs = ['containerd', 'runc', 'unshare', 'nsenter', 'ip', 'iptables', 'conntrack', 'ctr']

/**
 * A Kubernetes with one node on this machine: etcd, the control plane, containerd, kubelet, kube-proxy and CoreDNS, the
 * node's part in a sandbox of its own. Ends with this process, whatever that dies of.
 *
 * @throws ClusterFailed in one sentence: another one runs, a program is missing, or the last words of what failed.
 */
export async function startLocalCluster(): Promise<LocalCluster> {
  if (process.getuid?.() !== 0) throw new ClusterFailed('A local cluster needs root, for containers and network interfaces: run as root, or give a kubeconfig')
  const missing = programs.filter((program) => !isOnPath(program))
  if (missing.length > 0) throw new ClusterFailed(`A local cluster needs ${missing.join(', ')}: run scripts/setup.sh, or install them (on Debian: apt-get install containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux)`)
  if (isSandboxThere()) throw new ClusterFailed('A local cluster runs on this machine already (there is a network interface tidewatch0): run "make cluster-down", or wait for its end')

  // The build takes minutes: nothing must lie about meanwhile that another start could take for a leftover.
  const binaries = ensureBinaries()
  await removeLeftovers()
  const folder = mkdtempSync(folderPrefix)
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    const problems: unknown[] = []
    for (const step of undo.toReversed()) {
      try {
        await step()
      } catch (error) {
        problems.push(error)
      }
    }
    undo.length = 0
    if (problems.length > 0) throw new ClusterFailed(`The local cluster did not end cleanly: ${problems.map(messageOf).join('; ')}`)
  }
  try {
    // Called by its own name: the sandbox is found by it.
    const sandbox = await startSandbox({ init: binaries.path('pause'), folder, routes: [podRange, serviceRange] })
    createCgroup(cgroup)
    undo.push(() => removeCgroup(cgroup))
    undo.push(() => sandbox.stop())
    const controlPlane = await startControlPlane({ folder: join(folder, 'control-plane'), address: hostAddress, withScheduler: true })
    undo.push(() => controlPlane.stop())
    const children = await startNode(folder, sandbox, controlPlane)
    await untilNodeReady(controlPlane, children)
    return { kubeconfig: controlPlane.kubeconfig, auditLog: controlPlane.auditLog, loadImage: async (tar) => importImage(sandbox, tar), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Whether one runs on this machine, whoever started it. */
export const isLocalClusterThere = isSandboxThere

/** What one left behind that was killed: it had no time to tidy up, and nothing runs in it any more. */
export async function removeLeftovers(): Promise<void> {
  await removeCgroup(cgroup)
  for (const name of readdirSync(dirname(folderPrefix))) {
    if (name.startsWith(basename(folderPrefix))) rmSync(join(dirname(folderPrefix), name), { recursive: true, force: true })
  }
}

async function startNode(folder: string, sandbox: Sandbox, { authority, binaries, issueKubeconfig, kubeconfig }: ControlPlane): Promise<Child[]> {
  const write = (name: string, content: string | object): string => {
    const file = join(folder, name)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }
  for (const name of ['cni', 'kubelet', 'containerd']) mkdirSync(join(folder, name))
  const logFile = (name: string) => join(folder, `${name}.log`)
  write('cni/10-pods.conflist', buildCniConfig(join(folder, 'cni-addresses')))
  const containerdConfig = write('containerd.toml', buildContainerdConfig({ root: join(folder, 'containerd'), cniConfig: join(folder, 'cni') }))
  const containerd = await sandbox.start('containerd', ['--config', containerdConfig], logFile('containerd'))
  await untilContainerd(sandbox, containerd)
  writeProgramImage({ program: realpathSync(binaries.path('pause')), name: pauseImage, entrypoint: 'pause', file: join(folder, 'pause.tar') })
  importImage(sandbox, join(folder, 'pause.tar'))

  writePair(folder, 'kubelet', await authority.issue(`CN=system:node:${nodeName}, O=system:nodes`, [nodeAddress, nodeName]))
  const kubeletConfig = write('kubelet.json', buildKubeletConfig({ clientCaFile: write('ca.crt', authority.certificate), cgroupRoot: `/${cgroup}`, resolvConf: write('resolv.conf', ''), certDirectory: folder }))
  const kubelet = await sandbox.start(
    binaries.path('kubelet'),
    [`--config=${kubeletConfig}`, `--kubeconfig=${await issueKubeconfig('kubelet', `CN=system:node:${nodeName}, O=system:nodes`)}`, `--root-dir=${join(folder, 'kubelet')}`, `--hostname-override=${nodeName}`, `--node-ip=${nodeAddress}`, '--v=1'],
    logFile('kubelet'),
  )
  const proxy = await sandbox.start(binaries.path('kube-proxy'), [`--config=${write('kube-proxy.json', buildProxyConfig(await issueKubeconfig('kube-proxy', 'CN=system:kube-proxy')))}`], logFile('kube-proxy'))
  const dns = await sandbox.start(binaries.path('coredns'), ['-conf', write('Corefile', buildCorefile(kubeconfig))], logFile('coredns'))
  execFileSync(binaries.path('kubectl'), ['--kubeconfig', kubeconfig, 'apply', '--server-side', '--filename', write('dns.json', { apiVersion: 'v1', kind: 'List', items: dnsObjects })], { stdio: ['ignore', 'ignore', 'pipe'] })
  return [containerd, kubelet, proxy, dns]
}

async function untilContainerd(sandbox: Sandbox, containerd: Child): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (containerd.hasExited()) break
    try {
      sandbox.run('ctr', '--address', containerdSocket, 'version')
      return
    } catch {
      await sleep(100)
    }
  }
  throw new ClusterFailed(`containerd does not answer: ${containerd.lastWords()}`)
}

function importImage(sandbox: Sandbox, tar: string): void {
  sandbox.run('ctr', '--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'import', tar)
}

async function untilNodeReady({ binaries, kubeconfig }: ControlPlane, children: readonly Child[]): Promise<void> {
  const deadlineMs = Date.now() + nodeTimeoutMs
  for (;;) {
    const dead = children.find((child) => child.hasExited())
    if (dead !== undefined) throw new ClusterFailed(`A part of the node has ended: ${dead.lastWords()}`)
    const ready = execFileSync(binaries.path('kubectl'), ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'], { encoding: 'utf8' })
    if (ready === 'True') return
    if (Date.now() > deadlineMs) throw new ClusterFailed(`The node was not ready within ${nodeTimeoutMs / 1_000} s: ${children[1]?.lastWords()}`)
    await sleep(250)
  }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin').some((folder) => existsSync(join(folder, program)))
}
