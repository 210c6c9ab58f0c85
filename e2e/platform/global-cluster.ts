import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { buildImages, imageNames, referenceOf } from '../../scripts/images/build.ts'
import { ensureBinaries, obtainCluster } from '../cluster/index.ts'
import { buildNamespace } from '../support/kafka-objects.ts'
import { deployKafka } from '../support/kafka-pod.ts'
import { Kubectl } from '../support/kubectl.ts'
import { scramUser, type Platform } from '../support/platform.ts'

const chart = fileURLToPath(new URL('../../helm/tidewatch', import.meta.url))
const operatorNamespace = 'tidewatch'
const releaseName = 'tidewatch'
const definitions = ['detectionpipelines.tidewatch.dev', 'devicefleets.tidewatch.dev']

/**
 * vitest's globalSetup of the stories: a cluster (the one of TIDEWATCH_E2E_KUBECONFIG where that is set), the images in
 * it, Kafka as a pod, the chart installed. All files share them; all is removed at the end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const undo: (() => Promise<unknown>)[] = []
  const undoAll = async () => {
    const problems: unknown[] = []
    // The last made goes first; one that fails must not keep the others.
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => problems.push(error))
    if (problems.length > 0) throw new AggregateError(problems, `The stories left something behind: ${problems.map(String).join('; ')}`)
  }
  try {
    project.provide('platform', await build(undo))
    return undoAll
  } catch (error) {
    await undoAll().catch((second: unknown) => console.error(String(second)))
    throw error
  }
}

async function build(undo: (() => Promise<unknown>)[]): Promise<Platform> {
  const given = process.env['TIDEWATCH_E2E_KUBECONFIG']
  const images = await buildImages(imageNames, (sentence) => console.log(`images: ${sentence}`))
  const cluster = await obtainCluster(given ? { kubeconfig: given } : {})
  undo.push(() => cluster.stop())
  console.log(`cluster: ${cluster.kind}`)
  for (const { archive } of images) await cluster.loadImage(archive)

  const { kubeconfig } = cluster
  const binaries = ensureBinaries()
  const kubectl = new Kubectl(binaries.path('kubectl'), kubeconfig)
  const helm = (args: readonly string[]) => runHelm(binaries.helm, kubeconfig, args)
  await refuseIfInstalled(kubectl)

  const kafkaImage = await referenceOf('kafka')
  const kafka = await deployKafka(kubectl, { namespace: `stories-kafka-${randomBytes(3).toString('hex')}`, image: kafkaImage, passwordByUser: { [scramUser.name]: scramUser.password } })
  undo.push(() => kafka.remove())

  await kubectl.apply([buildNamespace(operatorNamespace)])
  undo.push(async () => {
    await helm(['uninstall', releaseName, '-n', operatorNamespace, '--ignore-not-found', '--wait'])
    // The chart keeps them on purpose; here nobody else uses them.
    await kubectl.run(['delete', 'crd', ...definitions, '--ignore-not-found', '--timeout=60s'])
    await kubectl.run(['delete', 'namespace', operatorNamespace, '--ignore-not-found', '--timeout=60s'])
  })
  await helm(['upgrade', '--install', releaseName, chart, '-n', operatorNamespace, '--wait', '--timeout', '3m']).catch(async (error: unknown) => {
    // Helm only says that it has waited long enough; the pods know why.
    const [pods, logs] = await Promise.all([['get', 'pods'], ['logs', '-l', 'app.kubernetes.io/component=operator', '--tail=20']].map((args) => kubectl.run([...args, '-n', operatorNamespace]).catch(String)))
    throw new Error(`The chart cannot be installed: ${String(error)}\n${pods}\n${logs}`, { cause: error })
  })

  return {
    kubeconfig,
    kubectl: binaries.path('kubectl'),
    helm: binaries.helm,
    operatorNamespace,
    releaseName,
    kafka: kafka.addresses,
    kafkaImage,
    auditLog: cluster.auditLog ?? null,
    tellsLongStories: process.env['TIDEWATCH_E2E_LONG'] === 'true',
  }
}

/** On a cluster of somebody's own the stories must not tear down what is in use. */
async function refuseIfInstalled(kubectl: Kubectl): Promise<void> {
  const found = await kubectl.run(['get', 'crd', ...definitions, '--ignore-not-found', '-o', 'name'])
  if (found.trim() !== '') throw new Error(`The cluster has Tidewatch already (${found.trim().replaceAll('\n', ', ')}), and the stories would remove it: give another cluster, or uninstall it and delete these`)
}

function runHelm(command: string, kubeconfig: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] })
    const said: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`helm ${args.join(' ')}: ${Buffer.concat(said).toString().trim()}`))))
  })
}
