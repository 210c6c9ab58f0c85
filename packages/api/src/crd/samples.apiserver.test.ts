import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parseManifest, type KindName } from '../manifest.ts'
import { fleetDocument, pipelineDocument } from '../testing.ts'
import { connectApiServer, type ApiServer } from './testing/api-server.ts'
import { installCrds } from './testing/install.ts'
import { createNamespace, pathOf } from './testing/namespace.ts'
import { readInvalidSamples, readValidSamples } from './testing/samples.ts'

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

const strict = 'fieldValidation=Strict'

describe('valid samples', () => {
  test.each(readValidSamples())('$kind $metadata.name is stored with the defaults that zod gives', async (sample) => {
    const { status, body } = await api.request('POST', `${pathOf(sample.kind, namespace)}?${strict}`, sample)
    expect(status, body.message).toBe(201)
    expect(parseManifest({ ...sample, spec: body.spec })).toEqual(parseManifest(sample))
  })
})

describe('invalid samples', () => {
  test.each(readInvalidSamples())('$file is refused: $message', async ({ path, message, serverSays, document }) => {
    const { status, body } = await api.request('POST', `${pathOf(document.kind, namespace)}?dryRun=All&${strict}`, document)
    expect([400, 422]).toContain(status)
    if (serverSays !== undefined) expect(body.message).toContain(serverSays)
    else expect(body.details?.causes).toContainEqual({ reason: 'FieldValueInvalid', field: path, message: expect.stringContaining(message) })
  })

  test('there is one for each rule, and 40 or more', () => {
    expect(readInvalidSamples().length).toBeGreaterThanOrEqual(40)
  })
})

describe('the largest manifests', () => {
  const name = (index: number) => `n${index}`
  const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

  test.each<[string, object]>([
    [
      'a fleet of 10,000 listed devices with 64 profiles of 32 signals and 64 faults',
      fleetDocument((fleet) => {
        fleet.spec.devices = { list: times(10_000, (index) => ({ device_id: name(index) })) }
        fleet.spec.profiles = times(64, (index) => ({ name: name(index), signals: times(32, (signal) => ({ name: name(signal), period: '12h' })) }))
        fleet.spec.faults = times(64, () => ({ kind: 'spike', selector: { share: 0.1 }, every: '1h', start: '10m' }))
      }),
    ],
    [
      'a recording with 1000 labelled spans and 256 columns',
      fleetDocument((fleet) => {
        const moment = '2026-01-31T08:00:00.123456+01:00'
        fleet.spec.devices = { replay: { file: 'a.csv', windows: times(1_000, () => ({ start: moment, end: moment })), fields: Object.fromEntries(times(256, (index) => [name(index), `$.${name(index)}`])) } }
      }),
    ],
    [
      'a mapping of 256 values and 32 categories of 64 values',
      pipelineDocument((pipeline) => {
        const path = `$${"['a name']".repeat(20)}`
        const categories = times(32, (index) => ({ name: name(index), path, values: times(64, name) }))
        pipeline.spec.source = { topic: { name: 'readings' }, mapping: { values: times(256, (index) => ({ name: name(index), path })), categories } }
      }),
    ],
  ])('%s costs the API server less than it allows', async (_, document) => {
    const { kind } = document as { kind: KindName }
    const { status, body } = await api.request('POST', `${pathOf(kind, namespace)}?dryRun=All&${strict}`, document)
    expect(status, body.message).toBe(201)
    expect(parseManifest(document).ok).toBe(true)
  })
})
