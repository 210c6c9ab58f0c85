import { access, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, systemClock } from '@tidewatch/kit'
import { DiskFull, JarsMissing, MavenMissing } from './errors.ts'
import { runCommand } from './run.ts'

/** The broker's version; part of the cache folder's name, so that another one never meets these jars. */
export const kafkaVersion = '4.1.1'

const artifacts = [
  ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
  ['org.apache.kafka', 'kafka-tools', kafkaVersion],
  // What Kafka's own distribution adds to log by; without it every line of the broker is lost.
  ['org.apache.logging.log4j', 'log4j-core', '2.24.3'],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.24.3'],
] as const

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** A leftover this old belongs to a run that was killed half-way. */
const leftoverAgeMs = 3_600_000

/** The folder in which everything of this Kafka version is kept. */
export const kafkaCacheDir = (cacheDir: string): string => join(cacheDir, `kafka-${kafkaVersion}`)

/**
 * Makes sure that the broker's jars are in the cache; fetches them with Maven where they are not.
 *
 * They are put together in a folder of their own that is renamed at the end: a run that was killed leaves nothing
 * that looks finished, and of two runs at once the later one finds the work done.
 *
 * @returns the class path, in a fixed order (a class data archive is valid only for the same one).
 * @throws MavenMissing, JarsMissing, DiskFull
 */
export async function ensureJars(cacheDir: string): Promise<string> {
  const finished = kafkaCacheDir(cacheDir)
  if (!(await exists(finished))) {
    try {
      await mkdir(cacheDir, { recursive: true })
      await removeLeftovers(cacheDir)
      const unfinished = await mkdtemp(`${finished}.unfinished-`)
      try {
        await fetchJars(unfinished)
        await rename(unfinished, finished)
      } catch (error) {
        await rm(unfinished, { recursive: true, force: true })
        // Somebody else was faster: theirs is as good as ours.
        if (!(await exists(finished))) throw error
      }
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') throw error
      throw new DiskFull(`The disk is full: ${cacheDir} needs about 150 MB for the embedded Kafka broker`, {
        cause: error,
      })
    }
  }
  const jars = (await readdir(join(finished, 'jars'))).sort()
  return jars.map((jar) => join(finished, 'jars', jar)).join(':')
}

async function fetchJars(folder: string): Promise<void> {
  const pom = join(folder, 'pom.xml')
  await writeFile(pom, buildPom())
  const { exitCode, stdout, stderr } = await runCommand('mvn', [
    '-B',
    '-q',
    '-f',
    pom,
    `${dependencyPlugin}:copy-dependencies`,
    `-DoutputDirectory=${join(folder, 'jars')}`,
    '-DincludeScope=runtime',
  ])
  if (exitCode === undefined) {
    throw new MavenMissing(
      `The embedded Kafka broker's jars are not in ${folder.replace(/\.unfinished-.*/, '')} yet, and Maven, which ` +
        'fetches them, is not there: install it (Debian and Ubuntu: apt-get install maven; macOS: brew install maven), ' +
        'or give the address of a broker',
    )
  }
  if (exitCode === 0) return
  const output = stdout + stderr
  if (output.includes('No space left on device')) {
    throw new DiskFull("The disk is full: Maven could not store the embedded Kafka broker's jars (about 150 MB)")
  }
  const reason = output
    .split('\n')
    .find((line) => line.includes('ERROR'))
    ?.replace(/.*ERROR[\]\s]*/, '')
  throw new JarsMissing(
    `Maven could not fetch the embedded Kafka broker's jars: ${reason ?? `it ended with ${exitCode}`}`,
  )
}

function buildPom(): string {
  const dependencies = artifacts.map(
    ([group, name, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tidewatch</groupId><artifactId>embedded-kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`
}

async function removeLeftovers(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.includes('.unfinished-')) continue
    const path = join(cacheDir, name)
    const { mtimeMs } = await stat(path)
    if (systemClock.now() - mtimeMs > leftoverAgeMs) await rm(path, { recursive: true, force: true })
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
