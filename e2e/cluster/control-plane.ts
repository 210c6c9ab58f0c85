import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineError } from '@tidewatch/kit'
import { auditPolicy } from './audit-policy.ts'
import { ensureBinaries, type Binaries } from './binaries.ts'
import { startChild, type Child } from './child.ts'
import { findFreePorts } from './free-ports.ts'
import { Authority, createSigningKey, writeKubeconfig, writePair, type KeyAndCertificate } from './pki.ts'

export const ControlPlaneFailed = defineError('CONTROL_PLANE_FAILED', { retry: 'never' })

export interface ControlPlaneOptions {
  /** Where keys, data and logs lie; made if it is missing. */
  folder: string
  /** The address that others reach the API server at: pods of a node need one that is not the loopback. */
  address?: string
  withScheduler?: boolean
  /** More flags of the controller manager. */
  controllerFlags?: readonly string[]
}

export interface ControlPlane {
  /** For an administrator. */
  kubeconfig: string
  server: string
  /** One JSON line for each request. */
  auditLog: string
  authority: Authority
  binaries: Binaries
  /** A kubeconfig of somebody: `CN=user, O=group`. */
  issueKubeconfig: (name: string, subject: string) => Promise<string>
  stop: () => Promise<void>
}

export const serviceRange = '10.196.0.0/16'
/** The first address of the range: `kubernetes.default`. */
const serviceAddress = '10.196.0.1'
const readyTimeoutMs = 120_000

/**
 * Starts etcd, kube-apiserver, kube-controller-manager and, if asked for, kube-scheduler on free ports, and resolves when
 * the API server is ready. All of them end with this process.
 *
 * @throws ControlPlaneFailed with the last words of the one that would not start.
 */
export async function startControlPlane({ folder, address = '127.0.0.1', withScheduler = false, controllerFlags = [] }: ControlPlaneOptions): Promise<ControlPlane> {
  const binaries = ensureBinaries()
  const pki = join(folder, 'pki')
  mkdirSync(pki, { recursive: true })
  const [etcdPort, etcdPeerPort, apiPort, managerPort, schedulerPort] = (await findFreePorts(5)) as [number, number, number, number, number]
  const server = `https://${address}:${apiPort}`

  const authority = await Authority.create('tidewatch-cluster')
  const frontProxyAuthority = await Authority.create('tidewatch-front-proxy')
  const signing = await createSigningKey()
  const save = (name: string, content: string): string => {
    writeFileSync(join(pki, name), content, { mode: 0o600 })
    return join(pki, name)
  }
  const caFile = save('ca.crt', authority.certificate)
  const frontProxyCaFile = save('front-proxy-ca.crt', frontProxyAuthority.certificate)
  const signingKeyFile = save('service-account.key', signing.privateKey)
  const verifyingKeyFile = save('service-account.pub', signing.publicKey)
  const serving = writePair(pki, 'apiserver', await authority.issue('CN=kube-apiserver', [address, '127.0.0.1', serviceAddress, 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']))
  const kubeletClient = writePair(pki, 'apiserver-kubelet-client', await authority.issue('CN=kube-apiserver-kubelet-client, O=system:masters'))
  const frontProxyClient = writePair(pki, 'front-proxy-client', await frontProxyAuthority.issue('CN=front-proxy-client'))

  const issueKubeconfig = async (name: string, subject: string): Promise<string> => {
    const file = join(folder, `${name}.kubeconfig`)
    writeKubeconfig(file, server, authority.certificate, await authority.issue(subject))
    return file
  }
  const admin: KeyAndCertificate = await authority.issue('CN=tidewatch-admin, O=system:masters')
  const kubeconfig = join(folder, 'admin.kubeconfig')
  writeKubeconfig(kubeconfig, server, authority.certificate, admin)
  const auditLog = join(folder, 'audit.log')
  const policyFile = save('audit-policy.json', JSON.stringify(auditPolicy))

  const children: Child[] = []
  const start = async (name: Parameters<Binaries['path']>[0], args: string[]): Promise<void> => {
    children.push(await startChild(binaries.path(name), args, { logFile: join(folder, `${name}.log`) }))
  }
  const stop = async (): Promise<void> => {
    // In the reverse order: the store last, so that nobody waits for it.
    for (const child of children.toReversed()) await child.stop()
  }

  try {
    await start('etcd', [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${etcdPeerPort}`,
      // What is in it is gone with the test: no write needs to reach the disk.
      '--unsafe-no-fsync=true',
      '--log-level=warn',
    ])
    await start('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${apiPort}`,
      `--bind-address=${address === '127.0.0.1' ? '127.0.0.1' : '0.0.0.0'}`,
      `--advertise-address=${address}`,
      // The loopback is no address for an EndpointSlice.
      ...(address === '127.0.0.1' ? ['--endpoint-reconciler-type=none'] : []),
      `--tls-cert-file=${serving.certificateFile}`,
      `--tls-private-key-file=${serving.keyFile}`,
      `--client-ca-file=${caFile}`,
      `--kubelet-client-certificate=${kubeletClient.certificateFile}`,
      `--kubelet-client-key=${kubeletClient.keyFile}`,
      '--kubelet-preferred-address-types=InternalIP,Hostname',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${verifyingKeyFile}`,
      `--service-account-signing-key-file=${signingKeyFile}`,
      `--service-cluster-ip-range=${serviceRange}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--requestheader-client-ca-file=${frontProxyCaFile}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${frontProxyClient.certificateFile}`,
      `--proxy-client-key-file=${frontProxyClient.keyFile}`,
      '--enable-aggregator-routing=true',
      `--audit-policy-file=${policyFile}`,
      `--audit-log-path=${auditLog}`,
      '--profiling=false',
      '--v=1',
    ])
    await untilReady(server, authority.certificate, admin, children)
    await start('kube-controller-manager', [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--secure-port=${managerPort}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${join(folder, 'controller-manager')}`,
      `--service-account-private-key-file=${signingKeyFile}`,
      `--root-ca-file=${caFile}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      // Deleted children and namespaces should not take the tests' minutes.
      '--horizontal-pod-autoscaler-sync-period=5s',
      '--resource-quota-sync-period=5s',
      ...controllerFlags,
    ])
    if (withScheduler) {
      await start('kube-scheduler', [
        `--kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        `--secure-port=${schedulerPort}`,
        '--bind-address=127.0.0.1',
        `--cert-dir=${join(folder, 'scheduler')}`,
        '--leader-elect=false',
      ])
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { kubeconfig, server, auditLog, authority, binaries, issueKubeconfig, stop }
}

async function untilReady(server: string, ca: string, { certificate, key }: KeyAndCertificate, children: readonly Child[]): Promise<void> {
  const agent = new Agent({ ca, cert: certificate, key })
  const deadlineMs = Date.now() + readyTimeoutMs
  for (;;) {
    const dead = children.find((child) => child.hasExited())
    if (dead !== undefined) throw new ControlPlaneFailed(`${dead.name} has ended: ${dead.lastWords()}`)
    if (await isReady(server, agent)) return agent.destroy()
    if (Date.now() > deadlineMs) throw new ControlPlaneFailed(`kube-apiserver was not ready within ${readyTimeoutMs / 1_000} s: ${children.at(-1)?.lastWords()}`)
    await sleep(100)
  }
}

function isReady(server: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`${server}/readyz`, { agent, timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.on('timeout', () => asked.destroy())
    asked.end()
  })
}

/** What the audit log says so far, one object for each request. */
export function readAuditLog<Entry = Record<string, unknown>>(file: string): Entry[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Entry)
}
