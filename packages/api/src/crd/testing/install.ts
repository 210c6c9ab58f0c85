import { buildCrds } from '../build-crd.ts'
import type { ApiServer } from './api-server.ts'

const crdsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Applies both CRDs and waits until their kinds are served; safe to call from several test files at once. */
export async function installCrds(api: ApiServer): Promise<void> {
  for (const crd of buildCrds()) {
    const path = `${crdsPath}/${crd.metadata.name}`
    const applied = await api.request('PATCH', `${path}?fieldManager=tidewatch-tests&force=true&fieldValidation=Strict`, crd, { 'content-type': 'application/apply-patch+yaml' })
    if (applied.status >= 300) throw new Error(`${crd.metadata.name} was refused: ${JSON.stringify(applied.body)}`)
    const served = `/apis/tidewatch.dev/v1alpha1/${crd.spec.names.plural}?limit=1`
    for (let tries = 0; !(await isEstablished(api, path)) || (await api.request('GET', served)).status !== 200; tries++) {
      if (tries === 200) throw new Error(`${crd.metadata.name} is not served after 20 s`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function isEstablished(api: ApiServer, path: string): Promise<boolean> {
  const { body } = await api.request<{ status?: { conditions?: { type: string; status: string }[] } }>('GET', path)
  return (body.status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True')
}
