import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKube, loadKubeConfig, type KubeClient } from '@tidewatch/kube'
import { startControlPlane } from '../cluster/control-plane.ts'

/** An API server for one test file: for what concerns a whole cluster, such as the kinds that it serves. */
export async function startOwnControlPlane(): Promise<{ kube: KubeClient; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-own-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  const controlPlane = await startControlPlane({ folder }).catch((error: unknown) => {
    removeFolder()
    throw error
  })
  const kube = createKube({ kubeConfig: loadKubeConfig({ file: controlPlane.kubeconfig }) })
  return {
    kube,
    stop: async () => {
      await kube.close()
      await controlPlane.stop()
      removeFolder()
    },
  }
}
