import { randomBytes } from 'node:crypto'
import { buildCrd } from '../build-crd.ts'
import type { KindName } from '../../manifest.ts'
import type { ApiServer } from './api-server.ts'

/** A namespace of its own for a test file. */
export async function createNamespace(api: ApiServer): Promise<string> {
  const name = `crd-${randomBytes(4).toString('hex')}`
  const created = await api.request('POST', '/api/v1/namespaces', { metadata: { name } })
  if (created.status !== 201) throw new Error(`namespace ${name} was refused: ${JSON.stringify(created.body)}`)
  return name
}

/** Where the objects of a kind are made, read and changed. */
export function pathOf(kind: KindName, namespace: string, ...rest: string[]): string {
  return ['/apis/tidewatch.dev/v1alpha1/namespaces', namespace, buildCrd(kind).spec.names.plural, ...rest].join('/')
}

export const mergePatch = { 'content-type': 'application/merge-patch+json' }
