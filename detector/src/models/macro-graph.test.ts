import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClusterStore } from './cluster-store.ts'
import { MacroGraph } from './macro-graph.ts'

function groups(store: ClusterStore, graph: MacroGraph): number[] {
  graph.refresh()
  graph.group(() => true)
  return Array.from({ length: store.count }, (_, i) => graph.groupOfCluster(i))
}

test('after any births, moves and removals the groups are those of a graph made anew', () => {
  const step = fc.record({ what: fc.constantFrom('add', 'add', 'move', 'remove', 'refresh'), which: fc.nat(), x: fc.double({ min: 0, max: 60, noNaN: true }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const store = new ClusterStore(1, 16)
      const graph = new MacroGraph(store)
      for (const { what, which, x } of steps) {
        if (what === 'add' && store.count < 16) {
          const i = store.add(Float64Array.of(x), 1)
          store.setVariance(i, (which % 3) / 2)
          graph.touch(i)
        } else if (what === 'move' && store.count > 0) {
          const i = which % store.count
          store.cells()[store.centerOffset(i)] = x
          graph.touch(i)
        } else if (what === 'remove' && store.count > 0) {
          const i = which % store.count
          store.remove(i)
          graph.remove(i)
        } else graph.refresh()
      }
      expect(groups(store, graph)).toEqual(groups(store, new MacroGraph(store)))
    }),
    { numRuns: 500 },
  )
})

test('clusters overlap up to twice the sum of their radii, and groups are chains of overlaps', () => {
  const store = new ClusterStore(1, 8)
  for (const x of [0, 4, 8, 12.5]) store.setVariance(store.add(Float64Array.of(x), 1), 1)
  expect(groups(store, new MacroGraph(store))).toEqual([0, 0, 0, 1])
})
