import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { architectureOf } from './archive.ts'
import { basePackages, copyPackages, fillBase, javaPackages, makeFolder, suite, withDebian } from './base.ts'
import { ensureCached, imagesCacheDir } from './cache.ts'
import { hashApp, hashFiles } from './content-key.ts'
import { kafkaVersion, listKafkaSources, stageKafkaEntry, stageKafkaJars } from './kafka.ts'
import { readLayer, writeLayer, type Layer } from './layer.ts'
import { repository, stageApp, type AppName } from './stage.ts'

const machine = architectureOf(process.arch)

/** A layer from the cache, or filled by `fill` and kept there. `key` says what is in it. */
async function ensureLayer(title: string, key: string, fill: (out: string) => Promise<void>): Promise<Layer> {
  const file = await ensureCached(join(imagesCacheDir(), 'layers', `${key}.tar`), async (unfinished) => {
    const workplace = await mkdtemp(join(tmpdir(), 'tidewatch-layer-'))
    try {
      const out = join(workplace, 'out')
      await fill(out)
      await writeLayer(out, unfinished)
    } finally {
      await rm(workplace, { recursive: true, force: true })
    }
  })
  return readLayer(title, file)
}

const hashBaseRecipe = () => hashFiles(repository, ['scripts/images/base.ts'])

/** Debian's libraries, certificates and time zones. */
export async function ensureBaseLayer(): Promise<Layer> {
  const fill = (out: string) => withDebian(basePackages.filter((name) => name !== 'libc6'), (root) => fillBase(root, out))
  return ensureLayer(`Debian ${suite}: ${basePackages.join(', ')}`, `base-${machine}-${await hashBaseRecipe()}`, fill)
}

/** The Node that runs this repository: the npm package `node`, pinned in package.json. */
export async function ensureNodeLayer(): Promise<Layer> {
  const folder = join(repository, 'node_modules/node')
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  return ensureLayer(`Node ${version}`, `node-${machine}-${version}`, async (out) => {
    const target = join(out, 'usr/local/bin/node')
    await makeFolder(out)
    await makeFolder(dirname(target))
    await copyFile(join(folder, 'bin/node'), target)
    await chmod(target, 0o755)
  })
}

/** One of our programs with the packages that it needs. */
export async function ensureAppLayer(app: AppName): Promise<Layer> {
  return ensureLayer(`Tidewatch ${app}`, `${app}-${machine}-${await hashApp(app, repository)}`, (out) => stageApp(app, out))
}

/** Java, Kafka's jars and the entry point of the Kafka pod, each by itself. */
export async function ensureKafkaLayers(): Promise<Layer[]> {
  const java = await ensureLayer('Java 17', `java-${machine}-${await hashBaseRecipe()}`, (out) =>
    withDebian(javaPackages, async (root) => {
      await mkdir(out)
      await copyPackages(root, javaPackages, out)
    }),
  )
  const jars = await ensureLayer(`Kafka ${kafkaVersion}`, `kafka-${kafkaVersion}`, stageKafkaJars)
  const sources = await listKafkaSources()
  const entry = await ensureLayer('Kafka pod', `kafka-pod-${await hashFiles(repository, ['scripts/images/kafka.ts', ...sources])}`, stageKafkaEntry)
  return [java, jars, entry]
}
