import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBinaries, type Component } from './binaries.ts'
import { readHostState } from './host-state.ts'
import { startLocalCluster, type LocalCluster } from './local.ts'
import { writeProgramImage } from './pause-image.ts'

const binaries = ensureBinaries()
/** A program of the one binary with an HTTP server in it: the health check of CoreDNS says OK. */
const serverImage = 'localhost/server:1'
const clientImage = 'localhost/client:1'

const web = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { Corefile: '.:5353 {\n  health :8080\n}\n' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          volumes: [{ name: 'config', configMap: { name: 'web' } }],
          containers: [
            {
              name: 'web',
              image: serverImage,
              args: ['-conf', '/config/Corefile'],
              volumeMounts: [{ name: 'config', mountPath: '/config' }],
              readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: '10m' }, limits: { memory: '256Mi' } },
              securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } },
]

/** Asks the Service by its name, from a pod. */
const client = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'client', image: clientImage, args: ['--server=http://web.default.svc.cluster.local', 'get', '--raw', '/health'] }] },
}

describe('A cluster on this machine', () => {
  let before: string[]
  let folder: string
  let cluster: LocalCluster
  let hasEnded = false
  const kubectl = (args: readonly string[], input?: object) =>
    execFileSync(binaries.path('kubectl'), ['--kubeconfig', cluster.kubeconfig, ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input: JSON.stringify(input) }), stdio: ['pipe', 'pipe', 'pipe'] })
  const load = async (component: Component, name: string) => {
    const file = join(folder, `${component}.tar`)
    writeProgramImage({ program: realpathSync(binaries.path(component)), name, entrypoint: component, file })
    await cluster.loadImage(file)
    rmSync(file)
  }

  beforeAll(async () => {
    before = readHostState()
    folder = mkdtempSync(join(tmpdir(), 'tidewatch-images-'))
    cluster = await startLocalCluster()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    if (!hasEnded) await cluster.stop()
  })

  test('has one node, which is ready', () => {
    expect(kubectl(['get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'])).toBe('tidewatch True\n')
  })

  test('runs a Deployment of two pods from a loaded image', async () => {
    await load('coredns', serverImage)
    await load('kubectl', clientImage)
    kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: web })
    kubectl(['rollout', 'status', 'deployment/web', '--timeout=90s'])
    expect(kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('2')
  })

  test('answers on the address of a Service, from this machine', async () => {
    const address = kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
    // kube-proxy writes its rules a moment after the pods are ready.
    expect(await eventually(() => fetchText(`http://${address}/health`))).toBe('OK')
  })

  test('answers by the name of a Service, from a pod, and gives the log of the pod', () => {
    kubectl(['apply', '--server-side', '-f', '-'], client)
    kubectl(['wait', 'pod/client', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s'])
    expect(kubectl(['logs', 'client'])).toBe('OK')
  })

  test('has written down who asked for what', () => {
    const entries = execFileSync('grep', ['-c', '"resource":"deployments"', cluster.auditLog], { encoding: 'utf8' })
    expect(Number(entries)).toBeGreaterThan(0)
  })

  test('says that it runs when another one is started', async () => {
    await expect(startLocalCluster()).rejects.toThrow('A local cluster runs on this machine already (there is a network interface tidewatch0): run "make cluster-down", or wait for its end')
  })

  test('leaves nothing behind: no process, mount, interface, route, iptables rule, cgroup or file', async () => {
    await cluster.stop()
    hasEnded = true
    expect(readHostState().filter((line) => !before.includes(line))).toEqual([])
    expect(existsSync(cluster.kubeconfig)).toBe(false)
  })
})

async function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, timeout: 2_000 }, (response) => void text(response).then(resolve, reject))
    asked.once('error', reject)
    asked.once('timeout', () => asked.destroy(new Error(`${url} is silent`)))
  })
}

async function eventually<T>(attempt: () => Promise<T>, patienceMs = 30_000): Promise<T> {
  const deadlineMs = Date.now() + patienceMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadlineMs) throw error
      await sleep(200)
    }
  }
}
