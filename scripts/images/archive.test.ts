import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildImageConfig, writeArchive } from './archive.ts'
import { readLayer, writeLayer } from './layer.ts'
import { runProgram } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const settings = { entrypoint: ['node', '/app/main.ts'], environment: ['PATH=/usr/local/bin'], workingDir: '/app', ports: [8080], labels: { title: 'a' } }

/** A folder with what layers hold: a nested file with a long name, a program, a link. */
function fillFolder(name: string, modified: Date): string {
  const root = join(folder, name)
  const deep = join(root, 'app', 'x'.repeat(90), 'y'.repeat(90))
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(deep, 'main.ts'), 'console.log(1)\n')
  writeFileSync(join(root, 'app', 'run'), '#!/bin/sh\n')
  chmodSync(join(root, 'app', 'run'), 0o755)
  symlinkSync('run', join(root, 'app', 'link'))
  for (const path of [deep, join(deep, 'main.ts'), join(root, 'app')]) utimesSync(path, modified, modified)
  return root
}

test('the same content gives the same layer, whatever the times of its files and the folder it lies in', async () => {
  const files = [join(folder, 'first.tar'), join(folder, 'second.tar')]
  await writeLayer(fillFolder('first', new Date(1e12)), files[0]!)
  await writeLayer(fillFolder('second', new Date(1.5e12)), files[1]!)
  const [first, second] = await Promise.all(files.map((file) => readLayer('title', file)))
  expect(second!.digest).toBe(first!.digest)
  const listing = await runProgram('tar', ['--list', '--verbose', '--numeric-owner', '--file', files[0]!])
  expect(listing.trimEnd().split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 app/',
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00 app/link -> run',
    '-rwxr-xr-x 0/0 10 1970-01-01 00:00 app/run',
    `drwxr-xr-x 0/0 0 1970-01-01 00:00 app/${'x'.repeat(90)}/`,
    `drwxr-xr-x 0/0 0 1970-01-01 00:00 app/${'x'.repeat(90)}/${'y'.repeat(90)}/`,
    `-rw-r--r-- 0/0 15 1970-01-01 00:00 app/${'x'.repeat(90)}/${'y'.repeat(90)}/main.ts`,
  ])
})

test('an archive holds the manifest, the configuration under its own hash, and each layer once', async () => {
  const layer = await readLayer('one', join(folder, 'first.tar'))
  const config = buildImageConfig(settings, [layer, layer], 'amd64')
  const { id, write } = writeArchive('docker.io/tidewatch/a:1', config, [layer, layer])
  const file = join(folder, 'image.tar')
  await write(file)
  expect((await runProgram('tar', ['--list', '--file', file])).trimEnd().split('\n')).toEqual(['manifest.json', `${id}.json`, `${layer.digest}.tar`])
  const read = (name: string) => runProgram('tar', ['--extract', '--to-stdout', '--file', file, name])
  expect(JSON.parse(await read('manifest.json'))).toEqual([{ Config: `${id}.json`, RepoTags: ['docker.io/tidewatch/a:1'], Layers: [`${layer.digest}.tar`, `${layer.digest}.tar`] }])
  expect(await read(`${id}.json`)).toBe(config)
  expect(id).toBe(createHash('sha256').update(config).digest('hex'))
  expect(createHash('sha256').update(readFileSync(join(folder, 'first.tar'))).digest('hex')).toBe(layer.digest)
})

test('the configuration says how the container starts, and never as root', () => {
  expect(JSON.parse(buildImageConfig(settings, [{ title: 'base', digest: 'ab' }], 'arm64'))).toEqual({
    architecture: 'arm64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { User: '65532:65532', Env: ['PATH=/usr/local/bin'], Entrypoint: ['node', '/app/main.ts'], WorkingDir: '/app', ExposedPorts: { '8080/tcp': {} }, Labels: { title: 'a' } },
    rootfs: { type: 'layers', diff_ids: ['sha256:ab'] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'base' }],
  })
})
