import { afterAll, beforeAll, describe } from 'vitest'
import { describeApply } from './contract/apply.ts'
import { describeReading } from './contract/reading.ts'
import { describeStatus } from './contract/status.ts'
import { describeWatching } from './contract/watching.ts'
import { createWorld, type KubeUnderContract, type World } from './contract/world.ts'
import { describeWriting } from './contract/writing.ts'

/** What every implementation of `Kube` does, held against the fake and a real kube-apiserver. */
export function describeKubeContract(name: string, start: () => Promise<KubeUnderContract>): void {
  describe(`${name} keeps the contract of Kube`, () => {
    let world: World | undefined
    const open = (): World => {
      if (world === undefined) throw new Error('the suite has not begun')
      return world
    }
    beforeAll(async () => {
      world = createWorld(await start())
    })
    afterAll(() => world?.stop())

    describeReading(open)
    describeWriting(open)
    describeApply(open)
    describeStatus(open)
    describeWatching(open)
  })
}
