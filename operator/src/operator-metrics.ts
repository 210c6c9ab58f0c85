import { Gauge, type Registry } from '@tidewatch/kit'
import { resources, type KubeObject, type Resource } from '@tidewatch/kube'

/** Where pipelines and fleets are found: the operator's caches. */
export interface ObjectDirectory {
  listAll(resource: Resource): readonly KubeObject[]
}

/**
 * controller-runtime's gauge by its own name: 1 while this replica leads, else 0.
 *
 * @param lease the name of the Lease
 */
export function createLeaderGauge(registry: Registry, lease: string): (leads: boolean) => void {
  const gauge = new Gauge({ name: 'leader_election_master_status', help: 'Whether this replica leads (1) or waits (0).', labelNames: ['name'], registers: [registry] })
  const tell = (leads: boolean) => gauge.set({ name: lease }, leads ? 1 : 0)
  tell(false)
  return tell
}

/**
 * The conditions of every pipeline and fleet as their status tells them: 1 for the status that each has now. Computed when it is
 * asked for, so that an object that is gone leaves nothing behind. Every replica tells the same: take the maximum, not the sum.
 */
export function createConditionGauge(registry: Registry, objects: ObjectDirectory): void {
  new Gauge({
    name: 'tidewatch_condition',
    help: 'Conditions of pipelines and fleets: 1 for the status that each has now.',
    labelNames: ['kind', 'namespace', 'name', 'type', 'status'],
    registers: [registry],
    collect() {
      this.reset()
      for (const resource of [resources.detectionPipelines, resources.deviceFleets]) {
        for (const { metadata: { namespace = '', name }, status } of objects.listAll(resource)) {
          const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] }
          for (const one of conditions) this.set({ kind: resource.kind, namespace, name, type: one.type, status: one.status }, 1)
        }
      }
    },
  })
}
