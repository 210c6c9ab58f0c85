import { expect, test } from 'vitest'
import { openPeers, peerNames } from './registry.ts'

test('an unknown name is refused with the known ones, before anything is installed', async () => {
  await expect(openPeers({ names: ['rrcf', 'skyline'] })).rejects.toThrow(`There is no peer "skyline": name ${peerNames.join(', ')}`)
})

test('nobody chosen starts nothing', async () => {
  const peers = await openPeers({ names: [] })
  expect(peers).toMatchObject({ contenders: [], absent: [] })
  await peers.close()
})
