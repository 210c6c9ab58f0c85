import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineError } from '@tidewatch/kit'
import type { AbsentPeer, Contender, OpenPeers, Peers } from '../contender.ts'
import { ensureJava, ensurePython, requirementsFile } from './install.ts'
import { PeerProcess, type PeerCommand } from './peer-process.ts'
import { parsePins } from './pins.ts'
import { awsVersion } from './pom.ts'

export const PeerUnknown = defineError('PEER_UNKNOWN', { retry: 'never' })

/** A peer: its name in the tables, what its runner calls it, and the Python package it comes from. */
type PeerEntry = { name: string; runner: string } & ({ from: 'python'; package: string } | { from: 'java' })

/**
 * Every peer, with its defaults but for what its runner says. Behind each: microseconds for a row of one column, on one core. NAB's part,
 * 137,366 rows, takes them 200 s together, more than half of it rrcf. KNNCAD costs as much for each further column.
 */
const peers: readonly PeerEntry[] = [
  { name: 'AWS RandomCutForest', runner: 'aws-random-cut-forest', from: 'java' }, // 85
  { name: 'AWS ThresholdedRandomCutForest', runner: 'aws-thresholded-random-cut-forest', from: 'java' }, // 134
  { name: 'river HalfSpaceTrees', runner: 'river-half-space-trees', from: 'python', package: 'river' }, // 45
  { name: 'river OneClassSVM', runner: 'river-one-class-svm', from: 'python', package: 'river' }, // 22
  { name: 'rrcf', runner: 'rrcf', from: 'python', package: 'rrcf' }, // 742
  { name: 'PySAD KNNCAD', runner: 'pysad-knn-cad', from: 'python', package: 'pysad' }, // 363
  { name: 'PySAD LODA', runner: 'pysad-loda', from: 'python', package: 'pysad' }, // 32
  { name: 'scikit-learn IsolationForest', runner: 'scikit-learn-isolation-forest', from: 'python', package: 'scikit-learn' }, // 33
]

export const peerNames: readonly string[] = peers.map(({ name }) => name)

const pythonRunner = fileURLToPath(new URL('python/runner.py', import.meta.url))

/**
 * Installs the peers from their package registries where this machine does not have them yet, and starts a process for each.
 * One that cannot be installed or started is absent, with the reason.
 *
 * @throws PeerUnknown before anything is installed.
 */
export const openPeers: OpenPeers = async ({ names }) => {
  const unknown = names?.find((name) => !peerNames.includes(name))
  if (unknown !== undefined) throw new PeerUnknown(`There is no peer "${unknown}": name ${peerNames.join(', ')}`)
  const chosen = peers.filter(({ name }) => names?.includes(name) ?? true)
  // Installs only what somebody needs, and tells a failure to everybody who does.
  const planners = { python: once(planPython), java: once(planJava) }
  const versions = parsePins(readFileSync(requirementsFile, 'utf8'))
  const contenders: Contender[] = []
  const absent: AbsentPeer[] = []
  const processes: PeerProcess[] = []
  for (const peer of chosen) {
    try {
      const running = await PeerProcess.start(peer.name, (await planners[peer.from]())(peer.runner))
      processes.push(running)
      contenders.push({
        name: peer.name,
        version: peer.from === 'java' ? awsVersion : versions.get(peer.package)!,
        kind: 'peer',
        score: (series) => running.score(series),
      })
    } catch (error) {
      absent.push({ name: peer.name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { contenders, absent, close: async () => void (await Promise.all(processes.map((running) => running.close()))) } satisfies Peers
}

type PlanCommand = (runner: string) => PeerCommand

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= run())
}

async function planPython(): Promise<PlanCommand> {
  const python = await ensurePython()
  // Nothing is written beside the sources.
  return (runner) => ({ command: python, args: ['-B', pythonRunner, runner] })
}

async function planJava(): Promise<PlanCommand> {
  const { java, classPath } = await ensureJava()
  return (runner) => ({ command: java, args: ['-Xmx1g', '-XX:+UseSerialGC', '-cp', classPath, 'Peer', runner] })
}
