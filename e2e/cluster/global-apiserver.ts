import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startControlPlane } from './control-plane.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The file of an administrator's kubeconfig. */
    kubeconfig: string
    /** The file of the API server's audit log. */
    auditLog: string
  }
}

/** One API server (with garbage collection, quotas and the end of namespaces; without a node) for all tests of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-apiserver-'))
  const { kubeconfig, auditLog, stop } = await startControlPlane({ folder })
  project.provide('kubeconfig', kubeconfig)
  project.provide('auditLog', auditLog)
  return async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
