import type { DetectionPipeline } from '@tidewatch/api'
import type { ObjectMeta } from '@tidewatch/kube'
import type { ResolvedConnection } from '../../kafka/connection.ts'
import { buildLabels } from '../../shared/labels.ts'
import { buildOwnerReference, type Owner } from '../../shared/owner.ts'
import type { ChildSettings, Platform } from '../../shared/settings.ts'

/** All that a child of a pipeline is built from. */
export interface DesiredInput {
  pipeline: DetectionPipeline
  owner: Owner
  /** The name of every child. */
  name: string
  connection: ResolvedConnection
  settings: ChildSettings
  platform: Platform
}

/** Metadata of a child: the pipeline controls it. */
export function buildMetadata({ owner, name }: Pick<DesiredInput, 'owner' | 'name'>): ObjectMeta {
  return { name, namespace: owner.namespace, labels: buildLabels('detector', owner.name), ownerReferences: [buildOwnerReference(owner)] }
}
