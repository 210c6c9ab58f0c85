import type { DeviceFleet } from '@tidewatch/api'
import type { ObjectMeta } from '@tidewatch/kube'
import type { ResolvedConnection } from '../../kafka/connection.ts'
import { buildLabels } from '../../shared/labels.ts'
import { buildOwnerReference, type Owner } from '../../shared/owner.ts'
import type { ChildSettings, Platform } from '../../shared/settings.ts'

/** All that a child of a fleet is built from. */
export interface FleetInput {
  fleet: DeviceFleet
  owner: Owner
  /** The name of every child but the Job. */
  name: string
  connection: ResolvedConnection
  settings: ChildSettings
  platform: Platform
}

/** Metadata of a child: the fleet controls it. */
export function buildMetadata({ owner, name }: Pick<FleetInput, 'owner' | 'name'>): ObjectMeta {
  return { name, namespace: owner.namespace, labels: buildLabels('simulator', owner.name), ownerReferences: [buildOwnerReference(owner)] }
}
