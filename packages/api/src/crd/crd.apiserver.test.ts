import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { parseManifest } from '../manifest.ts'
import { fleetDocument, pipelineDocument } from '../testing.ts'
import { buildCrds } from './build-crd.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { connectApiServer, type ApiServer } from './testing/api-server.ts'
import { installCrds } from './testing/install.ts'
import { createNamespace, mergePatch, pathOf } from './testing/namespace.ts'

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

const told = { lastTransitionTime: '2026-01-31T08:00:00Z', reason: 'Running', message: 'Three detectors run.', observedGeneration: 1 }
const pipelineStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', ...told }],
  observedGeneration: 1,
  detector: 'microClusters',
  replicas: 3,
  selector: 'tidewatch.dev/pipeline=hvac',
  lag: { total: 42, drainTime: '4s', worstPartition: 2 },
  readingsPerSecond: 10_240.4,
  anomalies: { lastHour: 17, total: 203 },
  watermark: '2026-01-31T08:00:00Z',
  model: { devices: 11, warming: 0, bytes: 90_000 },
  accuracy: { precision: 0.9, recall: 1, byFault: { spike: { precision: 0.9, recall: 1 } } },
}
const fleetStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', ...told }],
  observedGeneration: 1,
  devices: 11,
  activeDevices: 10,
  sent: 123_456,
  sendErrors: 2,
  achievedRate: 99.9,
  injected: { spike: 4 },
}

test.each(buildCrds())('$metadata.name is established without complaint', async ({ metadata }) => {
  const { body } = await api.request<{ status: { conditions: { type: string; status: string }[] } }>('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`)
  const conditions = Object.fromEntries(body.status.conditions.map(({ type, status }) => [type, status]))
  expect(conditions).toEqual({ NamesAccepted: 'True', Established: 'True' })
})

test('both kinds are found by short name and category', async () => {
  const { body } = await api.request<{ resources: { name: string; kind: string; shortNames?: string[]; categories?: string[]; namespaced: boolean }[] }>('GET', '/apis/tidewatch.dev/v1alpha1')
  const kinds = body.resources.filter(({ name }) => !name.includes('/')).sort((a, b) => a.name.localeCompare(b.name))
  expect(kinds.map(({ kind, shortNames, categories, namespaced }) => ({ kind, shortNames, categories, namespaced }))).toEqual([
    { kind: 'DetectionPipeline', shortNames: ['dp'], categories: ['tidewatch'], namespaced: true },
    { kind: 'DeviceFleet', shortNames: ['fleet'], categories: ['tidewatch'], namespaced: true },
  ])
})

test('the published schema describes every field, as kubectl explain shows it', async () => {
  // The server publishes a little after it serves.
  const schemas = await vi.waitUntil(readSchemas, { timeout: 20_000, interval: 200 })
  const undescribed = schemas.flatMap(({ properties }) => [...findUndescribed(properties.spec, 'spec'), ...findUndescribed(properties.status, 'status')])
  expect(undescribed).toEqual([])
})

describe('the columns of kubectl get', () => {
  test('of a pipeline', async () => {
    await storeWithStatus('DetectionPipeline', 'hvac', pipelineStatus)
    expect(await readTable('DetectionPipeline')).toEqual({
      narrow: [
        ['Name', 'Topic', 'Detector', 'Ready', 'Replicas', 'Lag', 'Readings/s', 'Anomalies(1h)', 'Age'],
        ['hvac', 'readings', 'microClusters', 'True', 3, 42, 10_240, 17, expect.stringMatching(/^\d+s$/)],
      ],
      wide: [
        ['Phase', 'Reason', 'Drain', 'Watermark'],
        ['Running', 'Running', '4s', '2026-01-31T08:00:00Z'],
      ],
    })
  })

  test('of a fleet', async () => {
    await storeWithStatus('DeviceFleet', 'hvac', fleetStatus)
    expect(await readTable('DeviceFleet')).toEqual({
      narrow: [
        ['Name', 'Topic', 'Devices', 'Active', 'Ready', 'Rate', 'Sent', 'Phase', 'Age'],
        ['hvac', 'readings', 11, 10, 'True', 99, 123_456, 'Running', expect.stringMatching(/^\d+s$/)],
      ],
      wide: [
        ['Reason', 'Errors', 'Completed'],
        ['Running', 2, null],
      ],
    })
  })
})

describe('the scale subresource', () => {
  test('reads and sets the fewest detectors, and tells autoscalers which pods they are', async () => {
    await storeWithStatus('DetectionPipeline', 'scaled', pipelineStatus)
    const path = pathOf('DetectionPipeline', namespace, 'scaled')
    const before = await api.request('GET', `${path}/scale`)
    expect(before.body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3, selector: 'tidewatch.dev/pipeline=hvac' } })

    const scaled = await api.request('PATCH', `${path}/scale`, { spec: { replicas: 4 } }, mergePatch)
    expect(scaled.status, scaled.body.message).toBe(200)
    expect((await api.request('GET', path)).body.spec).toMatchObject({ scaling: { minReplicas: 4 } })
  })

  test('is held to the rules of the manifest', async () => {
    const document = pipelineDocument((pipeline) => {
      pipeline.metadata.name = 'capped'
      pipeline.spec.scaling = { maxReplicas: 2 }
    })
    expect((await api.request('POST', pathOf('DetectionPipeline', namespace), document)).status).toBe(201)
    const scaled = await api.request('PATCH', pathOf('DetectionPipeline', namespace, 'capped', 'scale'), { spec: { replicas: 3 } }, mergePatch)
    expect(scaled.status).toBe(422)
    expect(scaled.body.message).toContain('minReplicas is above maxReplicas: write a larger maxReplicas or a smaller minReplicas')
  })
})

test('an unknown field is dropped where nobody asks for strictness', async () => {
  const document = pipelineDocument((pipeline) => Object.assign(pipeline.spec.source.topic, { partitons: 3 }))
  const { status, body } = await api.request('POST', `${pathOf('DetectionPipeline', namespace)}?dryRun=All&fieldValidation=Warn`, document)
  expect(status).toBe(201)
  expect((body.spec['source'] as { topic: unknown }).topic).toEqual({ name: 'readings', partitions: 8, config: {}, deletionPolicy: 'Retain' })
})

interface PublishedSchema {
  properties: { spec: StructuralSchema; status: StructuralSchema }
}

async function readSchemas(): Promise<PublishedSchema[] | undefined> {
  const { body } = await api.request<{ components?: { schemas: Record<string, PublishedSchema> } }>('GET', '/openapi/v3/apis/tidewatch.dev/v1alpha1')
  const schemas = ['DetectionPipeline', 'DeviceFleet'].flatMap((kind) => body.components?.schemas[`dev.tidewatch.v1alpha1.${kind}`] ?? [])
  return schemas.length === 2 ? schemas : undefined
}

async function storeWithStatus(kind: 'DetectionPipeline' | 'DeviceFleet', name: string, status: object): Promise<void> {
  const document = { ...(kind === 'DetectionPipeline' ? pipelineDocument() : fleetDocument()), metadata: { name } }
  expect((await api.request('POST', pathOf(kind, namespace), document)).status).toBe(201)
  const written = await api.request('PATCH', `${pathOf(kind, namespace, name, 'status')}?fieldValidation=Strict`, { status }, mergePatch)
  expect(written.status, written.body.message).toBe(200)
  // What the operator wrote it must be able to read.
  expect(parseManifest(written.body)).toMatchObject({ ok: true, manifest: { status } })
}

interface Table {
  columnDefinitions: { name: string; priority: number }[]
  rows: { cells: unknown[] }[]
}

/** `kubectl get`'s own request; columns with priority 0 and those of -o wide, each with the first row. */
async function readTable(kind: 'DetectionPipeline' | 'DeviceFleet') {
  const { body } = await api.request<Table>('GET', pathOf(kind, namespace), undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const columns = body.columnDefinitions.map(({ name, priority }, index) => ({ name, priority, cell: body.rows[0]?.cells[index] }))
  const part = (priority: number) => {
    const shown = columns.filter((column) => column.priority === priority)
    return [shown.map(({ name }) => name), shown.map(({ cell }) => cell)]
  }
  return { narrow: part(0), wide: part(1) }
}

function findUndescribed(schema: StructuralSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const here = `${path}.${key}`
    return [...((field.description ?? '') === '' ? [here] : []), ...findUndescribed(field, here), ...(field.items ? findUndescribed(field.items, `${here}[]`) : [])]
  })
}
