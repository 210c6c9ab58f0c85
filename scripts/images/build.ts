import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { nodeFlags } from '@tidewatch/detector/node-flags'
import { architectureOf, buildImageConfig, writeArchive, type ImageSettings } from './archive.ts'
import { ensureCached, imagesCacheDir, removeOlder } from './cache.ts'
import { buildWithEngine, findEngine } from './engine.ts'
import { stageKafkaEntry, stageKafkaJars } from './kafka.ts'
import type { Layer } from './layer.ts'
import { ensureAppLayer, ensureBaseLayer, ensureKafkaLayers, ensureNodeLayer } from './layers.ts'
import { appNames, repository } from './stage.ts'

/** Our programs, and Kafka for the stories on a cluster. */
export const imageNames = [...appNames, 'kafka'] as const
export type ImageName = (typeof imageNames)[number]

export interface BuiltImage {
  name: ImageName
  /** As pods name it: tidewatch/detector:0.1.0. */
  reference: string
  /** A docker-archive; for `docker load`, `ctr images import`, `kind load image-archive`. */
  archive: string
  /** SHA-256 of the image's configuration. */
  id: string
  /** Of all layers, not compressed. */
  sizeBytes: number
}

/** An image that nobody built again for so long is for a source tree of the past. */
const staleAfterMs = 3_600_000

/**
 * Builds images into the cache; one whose content is there already is taken from it.
 *
 * @param say is told, in one sentence, in which way images are built, and why.
 */
export async function buildImages(names: readonly ImageName[], say: (sentence: string) => void = () => {}): Promise<BuiltImage[]> {
  const engine = await findEngine()
  say(engine.sentence)
  const built: BuiltImage[] = []
  for (const name of names) {
    const image = engine.baseImage === undefined ? await assemble(name) : await buildByEngine(name, engine.baseImage)
    await removeStale(name, imagesCacheDir(), [image.archive])
    built.push(image)
  }
  return built
}

/** `tidewatch/<name>:<version of package.json>`; what the chart and the operator name too. */
export async function referenceOf(name: ImageName): Promise<string> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string }
  return `tidewatch/${name}:${version}`
}

/** How each container starts. */
export function buildSettings(name: ImageName, version: string): ImageSettings {
  const entry = name === 'kafka' ? '/app/e2e/images/kafka/main.ts' : `/app/${name}/src/main.ts`
  const javaPath = name === 'kafka' ? ':/usr/lib/jvm/java-17-openjdk-amd64/bin'.replace('amd64', architectureOf(process.arch)) : ''
  const ports: Record<ImageName, number[]> = { operator: [8080, 8443], detector: [8080], simulator: [8080], kafka: [9092, 9093, 9094] }
  return {
    entrypoint: ['node', ...(name === 'detector' ? nodeFlags : []), entry],
    environment: [`PATH=/usr/local/bin:/usr/bin:/bin${javaPath}`, 'NODE_ENV=production', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
    workingDir: '/app',
    ports: ports[name],
    labels: { 'org.opencontainers.image.title': `tidewatch-${name}`, 'org.opencontainers.image.version': version, 'org.opencontainers.image.licenses': 'Apache-2.0' },
  }
}

/** Puts the layers together without an engine. */
async function assemble(name: ImageName): Promise<BuiltImage> {
  const reference = await referenceOf(name)
  const layers: Layer[] = [await ensureBaseLayer(), await ensureNodeLayer(), ...(name === 'kafka' ? await ensureKafkaLayers() : [await ensureAppLayer(name)])]
  const settings = buildSettings(name, reference.split(':')[1] ?? '')
  const config = buildImageConfig(settings, layers, architectureOf(process.arch))
  const { id, write } = writeArchive(`docker.io/${reference}`, config, layers)
  const archive = await ensureCached(join(imagesCacheDir(), `${name}-${id.slice(0, 16)}.tar`), write)
  await removeStale(name, dirname(layers[0]?.file ?? archive), layers.map(({ file }) => file))
  return { name, reference, archive, id, sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** What was built for this image from other sources, long ago. */
function removeStale(name: ImageName, folder: string, current: readonly string[]): Promise<void> {
  const kept = current.map((file) => basename(file))
  return removeOlder(folder, (file) => file.startsWith(`${name}-`) && !kept.includes(file), staleAfterMs)
}

/** Lets Docker build it, and saves it. */
async function buildByEngine(name: ImageName, baseImage: string): Promise<BuiltImage> {
  const reference = await referenceOf(name)
  const { id, sizeBytes, save } = name === 'kafka' ? await buildKafkaByEngine(reference, baseImage) : await buildWithEngine(reference, baseImage, ['--target', name, '--file', join(repository, 'images/Dockerfile'), repository])
  const archive = await ensureCached(join(imagesCacheDir(), `${name}-${id.slice(0, 16)}.tar`), save)
  return { name, reference, archive, id, sizeBytes }
}

async function buildKafkaByEngine(reference: string, baseImage: string) {
  const context = await mkdtemp(join(tmpdir(), 'tidewatch-kafka-image-'))
  try {
    await stageKafkaEntry(context)
    await stageKafkaJars(context)
    return await buildWithEngine(reference, baseImage, ['--file', join(repository, 'e2e/images/kafka/Dockerfile'), context])
  } finally {
    await rm(context, { recursive: true, force: true })
  }
}
