import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readEmbeddedConfig } from '../../packages/kafka/src/embedded/config.ts'
import { ensureJars, kafkaCacheDir, kafkaVersion } from '../../packages/kafka/src/embedded/jars.ts'
import { writeText } from './base.ts'
import { copyTree, repository } from './stage.ts'

export { kafkaVersion }

const entry = 'e2e/images/kafka'
const borrowed = 'packages/kafka/src/embedded'
const borrowedFiles = ['listeners.ts', 'server-properties.ts']

/** Kafka's jars, below `out`/opt/kafka/libs; fetched where the cache does not have them. */
export async function stageKafkaJars(out: string): Promise<void> {
  const { cacheDir } = readEmbeddedConfig()
  await ensureJars(cacheDir)
  const jars = join(kafkaCacheDir(cacheDir), 'jars')
  await copyTree(jars, join(out, 'opt/kafka/libs'), (path) => path.endsWith('.jar'))
}

/** The entry point of the pod and the files of ours it reads. */
export async function stageKafkaEntry(out: string): Promise<void> {
  await rm(out, { recursive: true, force: true })
  await writeText(join(out, 'app/package.json'), `${JSON.stringify({ private: true, type: 'module' })}\n`)
  await copyTree(join(repository, entry), join(out, 'app', entry), (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  await copyTree(join(repository, borrowed), join(out, 'app', borrowed), (path) => borrowedFiles.includes(path))
}

/** The files of which the entry layer is made, relative to the repository. */
export async function listKafkaSources(): Promise<string[]> {
  const names = (await readdir(join(repository, entry))).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  return [...names.map((name) => `${entry}/${name}`), ...borrowedFiles.map((name) => `${borrowed}/${name}`)].sort()
}
