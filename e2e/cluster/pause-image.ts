import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A docker-archive with one static program in it, which is also its entry point. */
export function writeProgramImage({ program, name, entrypoint, file }: { program: string; name: string; entrypoint: string; file: string }): void {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-image-'))
  try {
    mkdirSync(join(folder, 'root'))
    copyFileSync(program, join(folder, 'root', entrypoint))
    execFileSync('tar', ['--create', '--file', join(folder, 'layer.tar'), '--owner=0', '--group=0', '--mtime=@0', '--directory', join(folder, 'root'), entrypoint])
    const digest = createHash('sha256').update(readFileSync(join(folder, 'layer.tar'))).digest('hex')
    const config = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux', config: { Entrypoint: [`/${entrypoint}`], User: '65535:65535' }, rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] } }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]))
    execFileSync('tar', ['--create', '--file', file, '--directory', folder, 'manifest.json', 'config.json', 'layer.tar'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
