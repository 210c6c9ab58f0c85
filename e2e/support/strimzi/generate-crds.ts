import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineError } from '@tidewatch/kit'
import { lastLines, runProgram } from '../../cluster/program.ts'

export const DefinitionsNotGenerated = defineError('DEFINITIONS_NOT_GENERATED', { retry: 'never' })

/** The last line of versions that has both `v1beta2` and `v1`. */
export const strimziApiVersion = '0.49.1'
const generatorVersion = '0.45.0'

const kinds = { Kafka: 'kafka.Kafka', KafkaTopic: 'topic.KafkaTopic', KafkaUser: 'user.KafkaUser' }

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
const timeoutMs = 600_000

/** Writes `<kind>.json` for each kind into the folder, with both versions. @throws DefinitionsNotGenerated */
export async function generateStrimziCrds(folder: string): Promise<void> {
  const work = join(folder, 'work')
  mkdirSync(work)
  writeFileSync(join(work, 'pom.xml'), pom)
  const jars = join(work, 'jars')
  await run('mvn', ['-B', '-q', '-f', join(work, 'pom.xml'), `${dependencyPlugin}:copy-dependencies`, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'])
  const outputs = Object.entries(kinds).map(([kind, model]) => ({ kind, model: `io.strimzi.api.kafka.model.${model}`, file: join(work, `${kind}.json`) }))
  await run('java', [
    '-cp',
    orderClassPath(jars),
    'io.strimzi.crdgenerator.CrdGenerator',
    '--target-kube',
    '1.25+',
    '--crd-api-version',
    'v1',
    '--api-versions',
    'v1,v1beta2',
    ...outputs.map(({ model, file }) => `${model}=${file}`),
  ])
  for (const { kind, file } of outputs) renameSync(file, join(folder, `${kind}.json`))
  rmSync(work, { recursive: true })
}

/** The generator first: it brings classes of its own that an older Jackson among the dependencies must not shadow. */
function orderClassPath(folder: string): string {
  const generator = `crd-generator-${generatorVersion}.jar`
  const others = readdirSync(folder).filter((jar) => jar !== generator).sort()
  return [generator, ...others].map((jar) => join(folder, jar)).join(':')
}

async function run(program: string, args: string[]): Promise<void> {
  const { ok, said } = await runProgram(program, args, { timeoutMs })
  if (ok) return
  const advice = 'Java 17 and Maven are needed (Debian and Ubuntu: apt-get install openjdk-17-jre-headless maven), and Maven Central must be reachable'
  throw new DefinitionsNotGenerated(`Could not generate Strimzi's definitions: ${program} said: ${lastLines(said)}. ${advice}`)
}

const dependency = (name: string, version: string) => `<dependency><groupId>io.strimzi</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`

/** The API first: of two versions of a jar Maven takes the one that is named first, and the API needs the newer ones. */
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tidewatch</groupId><artifactId>strimzi-crds</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('api', strimziApiVersion)}
    ${dependency('crd-generator', generatorVersion)}
  </dependencies>
</project>
`
