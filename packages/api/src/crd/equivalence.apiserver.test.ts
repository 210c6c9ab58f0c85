import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parseManifest } from '../manifest.ts'
import { formatPath } from '../problems.ts'
import { connectApiServer, type ApiServer } from './testing/api-server.ts'
import { installCrds } from './testing/install.ts'
import { createNamespace, pathOf } from './testing/namespace.ts'
import { arbitraryManifest } from './testing/random-manifest.ts'
import { readValidSamples } from './testing/samples.ts'

const seed = 20261121
const numRuns = 600
const documents = readValidSamples()

let api: ApiServer
let namespace = ''
beforeAll(async () => {
  api = connectApiServer(inject('kubeconfig'))
  await installCrds(api)
  namespace = await createNamespace(api)
})
afterAll(async () => {
  await api.request('DELETE', `/api/v1/namespaces/${namespace}`)
  api.close()
})

test.each(['DetectionPipeline', 'DeviceFleet'] as const)('zod accepts exactly the %ss that the API server accepts, and both give the same defaults', async (kind) => {
  console.log(`${kind}: seed ${seed}, ${numRuns} runs`)
  let accepted = 0
  const manifests = arbitraryManifest(kind, documents.filter((document) => document.kind === kind))
  await fc.assert(
    fc.asyncProperty(manifests, async (manifest) => {
      const ours = parseManifest(manifest)
      const theirs = await api.request('POST', `${pathOf(kind, namespace)}?dryRun=All&fieldValidation=Strict`, manifest)
      const told = ours.ok ? `zod accepts, the API server says: ${theirs.body.message}` : `zod says: ${ours.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ')}, the API server: ${theirs.body.message ?? 'accepts'}`
      expect(theirs.status === 201, told).toBe(ours.ok)
      if (!ours.ok) return
      accepted++
      const defaulted = parseManifest({ ...manifest, spec: theirs.body.spec })
      expect(defaulted).toEqual(ours)
    }),
    { seed, numRuns },
  )
  // Were nearly all refused, the property would say nothing.
  expect(accepted).toBeGreaterThan(numRuns / 8)
}, 300_000)
