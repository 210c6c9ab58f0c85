import { beforeAll, describe, expect, test } from 'vitest'
import { failureOf, fresh, ours, them, us, type World } from './world.ts'

/** @param open valid once the suite has begun */
export function describeStatus(open: () => World): void {
  describe('the status subresource', () => {
    let kube: World['kube']
    let widgets: World['widgets']
    let widget: World['widget']
    beforeAll(() => {
      ({ kube, widgets, widget } = open())
    })

    test('status is not written with the object, nor the object with its status', async () => {
      const name = fresh()
      const made = await kube.apply(widgets, widget(name, { spec: { size: 1 }, status: { phase: 'Ignored' } }), us)
      expect(made.status).toBeUndefined()
      const told = await kube.applyStatus(widgets, widget(name, { spec: { size: 9 }, status: { phase: 'Up' } }), ours)
      expect([told.spec, told.status]).toEqual([{ size: 1 }, { phase: 'Up' }])
      const changed = await kube.apply(widgets, widget(name, { spec: { size: 2 } }), us)
      expect([changed.spec, changed.status]).toEqual([{ size: 2 }, { phase: 'Up' }])
      const replaced = await kube.update(widgets, { ...changed, spec: { size: 3 }, status: { phase: 'Ignored' } })
      expect([replaced.spec, replaced.status]).toEqual([{ size: 3 }, { phase: 'Up' }])
    })

    test('create drops the status', async () => {
      expect((await kube.create(widgets, widget(fresh(), { spec: { size: 1 }, status: { phase: 'Ignored' } }))).status).toBeUndefined()
    })

    test('conditions are told apart by their type, and one left out is removed', async () => {
      const name = fresh()
      const condition = (type: string, status: string) => ({ type, status })
      await kube.apply(widgets, widget(name), us)
      await kube.applyStatus(widgets, widget(name, { status: { conditions: [condition('Ready', 'True'), condition('Paused', 'False')] } }), ours)
      await kube.applyStatus(widgets, widget(name, { status: { conditions: [condition('Audited', 'True')] } }), them)
      const after = await kube.applyStatus(widgets, widget(name, { status: { conditions: [condition('Ready', 'False')] } }), ours)
      expect((after.status as { conditions: unknown[] }).conditions).toEqual([condition('Ready', 'False'), condition('Audited', 'True')])
    })

    test('the status of what is not there is an error', async () => {
      expect((await failureOf(kube.applyStatus(widgets, widget(fresh(), { status: { phase: 'Up' } }), ours)))[0]).toBe('KUBE_NOT_FOUND')
    })
  })
}
