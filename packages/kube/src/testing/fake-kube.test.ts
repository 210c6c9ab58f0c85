import { FakeKube } from './fake-kube.ts'
import { describeKubeContract } from './kube-contract.ts'

describeKubeContract('FakeKube', async () => {
  const kube = new FakeKube()
  const widgets = { group: 'test.tidewatch.dev', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true }
  kube.versions.set(widgets.group, ['v1', 'v1beta1'])
  kube.unserved.add(`${widgets.group}/gadgets`)
  return {
    kube,
    namespace: 'plant',
    widgets,
    expiredVersion: async () => {
      kube.compact()
      return '1'
    },
    collectGarbage: async () => kube.collectGarbage(),
    stop: async () => undefined,
  }
})
