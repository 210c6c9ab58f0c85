import { createHash } from 'node:crypto'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Layer } from './layer.ts'
import { runProgram } from './run.ts'

/** How a container is started from an image. */
export interface ImageSettings {
  entrypoint: string[]
  /** `name=value` */
  environment: string[]
  workingDir: string
  /** Ports that are listened on, as documentation. */
  ports: number[]
  labels: Record<string, string>
}

/** User and group of every container of ours; 65532 is the customary "nonroot". */
const user = '65532:65532'

/** The image's configuration (OCI image specification 1.1, config), as text: its SHA-256 is the image's id. */
export function buildImageConfig(settings: ImageSettings, layers: readonly Pick<Layer, 'title' | 'digest'>[], architecture: string): string {
  // The time in which all files are as well: the same content is the same image.
  const created = '1970-01-01T00:00:00Z'
  return JSON.stringify({
    architecture,
    os: 'linux',
    created,
    config: {
      User: user,
      Env: settings.environment,
      Entrypoint: settings.entrypoint,
      WorkingDir: settings.workingDir,
      ExposedPorts: Object.fromEntries(settings.ports.map((port) => [`${port}/tcp`, {}])),
      Labels: settings.labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(({ title }) => ({ created, created_by: title })),
  })
}

/** Go's name of the machine this runs on, as images spell it. */
export function architectureOf(machine: string): string {
  return ({ x64: 'amd64' } as Record<string, string>)[machine] ?? machine
}

/**
 * An image as `docker load`, `ctr images import` and `kind load image-archive` take it (Docker's image archive 1.2).
 *
 * @param reference with the registry's host, as containerd looks for it: docker.io/tidewatch/detector:0.1.0.
 * @returns the image's id, and what writes the archive.
 */
export function writeArchive(reference: string, config: string, layers: readonly Layer[]): { id: string; write: (file: string) => Promise<void> } {
  const id = createHash('sha256').update(config).digest('hex')
  const names = layers.map(({ digest }) => `${digest}.tar`)
  const write = async (file: string) => {
    const folder = await mkdtemp(join(dirname(file), 'archive-'))
    try {
      for (const [digest, source] of new Map(layers.map((layer) => [layer.digest, layer.file]))) await symlink(source, join(folder, `${digest}.tar`))
      await writeFile(join(folder, `${id}.json`), config)
      await writeFile(join(folder, 'manifest.json'), JSON.stringify([{ Config: `${id}.json`, RepoTags: [reference], Layers: names }]))
      const settings = ['--format=ustar', '--dereference', '--hard-dereference', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644']
      await runProgram('tar', ['--create', `--file=${file}`, `--directory=${folder}`, ...settings, '--', 'manifest.json', `${id}.json`, ...new Set(names)])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return { id, write }
}
