// Builds the images into the cache, prints their sizes, and puts them into the cluster of `make cluster` where one runs:
// `npm run images [-- operator detector simulator kafka]`.
import { openGivenCluster } from '../e2e/cluster/given.ts'
import { findHeldCluster } from '../e2e/cluster/held.ts'
import { findKeptKind } from '../e2e/cluster/kept-kind.ts'
import { appNames } from './images/stage.ts'
import { buildImages, imageNames, type ImageName } from './images/build.ts'

/** A detector starts at every scale-up, on nodes that do not have it yet. */
const largestDetectorBytes = 250e6

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(imageNames as readonly string[]).includes(name))
if (unknown.length > 0) {
  console.error(`images: there is no image ${unknown.join(', ')}; there are ${imageNames.join(', ')}`)
  process.exit(2)
}

const images = await buildImages(asked.length > 0 ? (asked as ImageName[]) : appNames, (sentence) => console.log(sentence))
for (const { reference, sizeBytes, archive } of images) console.log(`${reference.padEnd(32)} ${(sizeBytes / 1e6).toFixed(1).padStart(7)} MB  ${archive}`)

const kubeconfig = (await findHeldCluster())?.kubeconfig ?? findKeptKind()
if (kubeconfig !== undefined) {
  const { loadImage } = await openGivenCluster(kubeconfig)
  for (const { archive } of images) await loadImage(archive)
  console.log('They are in the cluster of "make cluster".')
}

const tooLarge = images.filter(({ name, sizeBytes }) => name === 'detector' && sizeBytes > largestDetectorBytes)
for (const { reference, sizeBytes } of tooLarge) console.error(`images: ${reference} has ${sizeBytes} bytes, more than ${largestDetectorBytes}: leave something out (scripts/images/stage.ts)`)
process.exitCode = tooLarge.length === 0 ? 0 : 1
