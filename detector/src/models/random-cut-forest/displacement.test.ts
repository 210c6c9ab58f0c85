import { describe, expect, test } from 'vitest'
import { readRrcfTree } from '../testing/rrcf-dump.ts'
import type { RrcfNode } from '../testing/rrcf-dump.ts'
import { sharedVector } from '../testing/shared-vectors.ts'
import { collusiveDisplacement, displacement } from './displacement.ts'

const vector = sharedVector('rrcf_codisp_0.4.4.json')

interface Dump {
  tree: RrcfNode & { type: 'Branch' }
  disp: Record<string, number>
  codisp: Record<string, number>
}

describe.skipIf(!vector.exists)(`displacement in a tree of rrcf 0.4.4${vector.note}`, () => {
  test('Disp and CoDisp of all 64 leaves are rrcf\'s', () => {
    const dump = vector.read<Dump>()
    const { tree, leafByIndex } = readRrcfTree(dump.tree)
    const ofAll = (measure: typeof displacement): Record<string, number> =>
      Object.fromEntries([...leafByIndex].map(([index, leaf]) => [String(index), measure(tree, leaf)]))
    expect(ofAll(displacement)).toEqual(dump.disp)
    expect(ofAll(collusiveDisplacement)).toEqual(dump.codisp)
  })

  test('its masses, its boxes and the way down to each point are rrcf\'s too', () => {
    const dump = vector.read<Dump>()
    const { tree, leafByIndex } = readRrcfTree(dump.tree)
    const compare = (node: RrcfNode, child: number): void => {
      if (node.type === 'Leaf') {
        expect(~child).toBe(leafByIndex.get(node.i))
        expect(tree.leafOf(Float32Array.from(node.x))).toBe(~child)
        return
      }
      expect(tree.nodeMass[child]).toBe(node.n)
      expect([...tree.boxes.subarray(child * 6, child * 6 + 6)]).toEqual([...Float32Array.from(node.b.flat())])
      compare(node.l, tree.left[child]!)
      compare(node.r, tree.right[child]!)
    }
    compare(dump.tree, tree.root)
    expect(tree.mass).toBe(64)
  })
})

test('the only leaf of a tree displaces nothing', () => {
  const { tree } = readRrcfTree({ type: 'Leaf', i: 0, x: [1, 2], n: 3 })
  expect([displacement(tree, 0), collusiveDisplacement(tree, 0)]).toEqual([0, 0])
})
