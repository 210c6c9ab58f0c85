import type { ForcedField } from '@tidewatch/controller'

/** Writes the number of detectors and nothing else, and takes the field from whoever has it: an autoscaler, or `kubectl scale`. */
export const replicasFieldManager = 'tidewatch-operator-replicas'
export const fieldManager = 'tidewatch-operator'
export const statusFieldManager = 'tidewatch-operator-status'

/**
 * Fields that nobody but the operator may set; a conflict about any other is told in a condition and left to people.
 * `.spec.replicas` of the Deployment is not here: it is forced where it is written (`pipeline/desired/replicas.ts`).
 */
export const forcedFields: readonly ForcedField[] = [{ kind: 'ConfigMap', field: '.data.config.json' }]
