import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

type Undo = (() => Promise<unknown>)[]

/**
 * vitest's globalSetup of the stories: a cluster (the one of TIDEWATCH_E2E_KUBECONFIG where that is set), the images in
 * it, Kafka as a pod, the chart installed. All files share them; all is removed at the end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const undo: Undo = []
  const undoAll = async () => {
    const problems: unknown[] = []
    // The last made goes first; one that fails must not keep the others.
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => problems.push(error))
    if (problems.length > 0) throw new AggregateError(problems, `The stories left something behind: ${problems.map(String).join('; ')}`)
  }
  try {
    project.provide('platform', await timed('set-up', () => build(undo)))
    const turnsFolder = mkdtempSync(join(tmpdir(), 'tidewatch-turns-'))
    undo.unshift(async () => rmSync(turnsFolder, { recursive: true, force: true }))
    project.provide('turnsFolder', turnsFolder)
    return () => timed('clean-up', undoAll)
  } catch (error) {
    await undoAll().catch((second: unknown) => console.error(String(second)))
    throw error
  }
}

async function build(undo: Undo): Promise<Platform> {
  const [images, cluster] = await Promise.all([
    timed('images', () => buildImages(imageNames, (sentence) => console.log(`images: ${sentence}`))),
    timed('cluster', async () => {
      const given = process.env['TIDEWATCH_E2E_KUBECONFIG']
      const obtained = await obtainCluster(given ? { kubeconfig: given } : {})
      undo.push(() => obtained.stop())
      return obtained
    }),
  ])
  console.log(`cluster: ${cluster.kind}`)
  const binaries = ensureBinaries()
  const { kubeconfig } = cluster
  const kubectl = new Kubectl(binaries.path('kubectl'), kubeconfig)
  await refuseIfInstalled(kubectl)
  await timed('images into the cluster', async () => {
    for (const { archive } of images) await cluster.loadImage(archive)
  })

  // What is thrown away as a whole needs no tidying up before.
  const tidy: Undo = cluster.endsWithStop ? [] : undo
  const kafkaImage = await referenceOf('kafka')
  const [kafka] = await Promise.all([
    timed('Kafka', async () => {
      const deployed = await deployKafka(kubectl, { namespace: `stories-kafka-${randomBytes(3).toString('hex')}`, image: kafkaImage, passwordByUser: { [scramUser.name]: scramUser.password } })
      undo.push(() => (cluster.endsWithStop ? deployed.forget() : deployed.remove()))
      return deployed
    }),
    timed('chart', () => install(kubectl, (args) => runHelm(binaries.helm, kubeconfig, args), tidy)),
  ])

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

async function install(kubectl: Kubectl, helm: (args: readonly string[]) => Promise<void>, undo: Undo): Promise<void> {
  await kubectl.apply([buildNamespace(operatorNamespace, 'platform')])
  undo.push(async () => {
    // Pipelines and fleets with a finalizer need the operator to go.
    await kubectl.run(['delete', 'namespace', '-l', 'tidewatch.dev/stories=story', '--timeout=90s'])
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
}

/** Does it, and prints how long it took. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now()
  try {
    return await work()
  } finally {
    console.log(`stories: ${what} took ${((performance.now() - startMs) / 1_000).toFixed(1)} s`)
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
