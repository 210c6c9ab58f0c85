import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensureJavaProgram, ensurePython, listSources } from '../accuracy/peers/install.ts'
import { parsePins } from '../accuracy/peers/pins.ts'
import { buildPom } from '../pom.ts'
import type { Entrant } from './entrants.ts'
import type { RunPlan } from './plan.ts'
import { flinkArtifacts, javaVersions, streamsArtifacts } from './poms.ts'

/** What a peer's program is told. */
export interface PeerJob extends Pick<RunPlan, 'sizeMs' | 'slideMs' | 'latenessMs' | 'firstWindowMs'> {
  brokers: string
  topic: string
  output: string
  group: string
  guarantee: Entrant['guarantee']
  workers: number
  commitIntervalMs: number
  /** Where it may keep files; taken away behind it. */
  folder: string
}

/** An installed peer. */
export interface Peer {
  /** By name, for the table. */
  versions: Record<string, string>
  command: string
  args: (job: PeerJob) => string[]
}

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** `name=value`, as Job.java and river_job.py read it. */
export const buildArguments = (job: PeerJob): string[] => Object.entries(job).map(([name, value]) => `${name}=${value}`)

/** Enough for both, and the collector with the highest throughput of those that Java 17 has. */
const jvmFlags = ['-Xmx3g', '-Xms1g', '-XX:+UseParallelGC', '-XX:-UsePerfData']

/** Flink looks into the JDK's own classes. */
const flinkFlags = ['java.base/java.lang', 'java.base/java.util', 'java.base/java.time', 'java.base/java.net', 'java.base/java.nio', 'java.base/java.util.concurrent'].flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`])

/** Fetches and compiles the Kafka Streams program where it is not in the cache yet. @throws PeerNotInstalled */
export async function installKafkaStreams(): Promise<Peer> {
  const sources = [...listSources(pathOf('java/common')), ...listSources(pathOf('java/kafka-streams'))]
  const { java, classPath, version } = await ensureJavaProgram({ name: 'speed-kafka-streams', title: 'Kafka Streams', pom: buildPom('speed-peers', streamsArtifacts), mavenOptions: ['-DincludeScope=runtime'], sources })
  return {
    versions: { 'kafka-streams': javaVersions.kafkaStreams, java: version.replace('javac ', '') },
    command: java,
    args: (job) => [...jvmFlags, '-cp', classPath, 'StreamsJob', ...buildArguments(job)],
  }
}

/** The same for Flink. @throws PeerNotInstalled */
export async function installFlink(): Promise<Peer> {
  const sources = [...listSources(pathOf('java/common')), ...listSources(pathOf('java/flink'))]
  const { java, classPath, version } = await ensureJavaProgram({ name: 'speed-flink', title: 'Flink', pom: buildPom('speed-peers', flinkArtifacts), mavenOptions: ['-DincludeScope=runtime'], sources })
  return {
    versions: { flink: javaVersions.flink, 'flink-connector-kafka': javaVersions.flinkConnector, java: version.replace('javac ', '') },
    command: java,
    args: (job) => [...jvmFlags, ...flinkFlags, '-cp', classPath, 'FlinkJob', ...buildArguments(job)],
  }
}

/** The same for river. @throws PeerNotInstalled */
export async function installRiver(): Promise<Peer> {
  const requirements = pathOf('python/requirements.txt')
  const python = await ensurePython(requirements)
  const pins = parsePins(readFileSync(requirements, 'utf8'))
  const { stdout } = await promisify(execFile)(python, ['--version'])
  return {
    versions: { river: pins.get('river')!, 'confluent-kafka': pins.get('confluent-kafka')!, python: stdout.trim().replace('Python ', '') },
    command: python,
    args: (job) => ['-B', pathOf('python/river_job.py'), ...buildArguments(job)],
  }
}
