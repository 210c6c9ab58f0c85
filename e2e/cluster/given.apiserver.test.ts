import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { openGivenCluster } from './given.ts'

let folder: string
let command: string | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-given-'))
  command = process.env['TIDEWATCH_LOAD_IMAGE']
  delete process.env['TIDEWATCH_LOAD_IMAGE']
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  if (command === undefined) delete process.env['TIDEWATCH_LOAD_IMAGE']
  else process.env['TIDEWATCH_LOAD_IMAGE'] = command
})

test('A cluster that answers is taken as it is, and goes on after "stop"', async () => {
  const { kind, kubeconfig, auditLog, stop } = await openGivenCluster(inject('kubeconfig'))
  expect({ kind, kubeconfig, auditLog }).toEqual({ kind: 'given', kubeconfig: inject('kubeconfig'), auditLog: undefined })
  await stop()
  expect((await openGivenCluster(inject('kubeconfig'))).kind).toBe('given')
})

test('One that does not answer is told with its file', async () => {
  const file = join(folder, 'config')
  writeFileSync(file, readFileSync(inject('kubeconfig'), 'utf8').replace(/https:\/\/127\.0\.0\.1:\d+/, 'https://127.0.0.1:1'))
  await expect(openGivenCluster(file)).rejects.toThrow(new RegExp(`^The cluster of ${file} does not answer: .*refused.* Check its current context and that the cluster runs$`))
})

test('An image is loaded by the command that is given', async () => {
  const target = join(folder, 'loaded')
  mkdirSync(target)
  process.env['TIDEWATCH_LOAD_IMAGE'] = `cp -t ${target}`
  writeFileSync(join(folder, 'image.tar'), 'an image')
  const { loadImage } = await openGivenCluster(inject('kubeconfig'))
  await loadImage(join(folder, 'image.tar'))
  expect(readFileSync(join(target, 'image.tar'), 'utf8')).toBe('an image')
  await expect(loadImage(join(folder, 'absent.tar'))).rejects.toThrow(`"cp -t ${target} ${folder}/absent.tar" (TIDEWATCH_LOAD_IMAGE) failed: cp: cannot stat`)
})

test('Without one it is said what to set', async () => {
  const { loadImage } = await openGivenCluster(inject('kubeconfig'))
  await expect(loadImage('x.tar')).rejects.toThrow(
    'How images get into the cluster of context "tidewatch" is not known: set TIDEWATCH_LOAD_IMAGE to a command that takes an archive, such as "minikube image load" or "k3d image import", or to "true" where the images are there already',
  )
})
