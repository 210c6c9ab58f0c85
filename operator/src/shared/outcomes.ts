import type { ApplyOutcome } from '@tidewatch/controller'
import { keyOf } from '@tidewatch/kube'
import type { Obstacle } from '../kafka/resolve-connection.ts'

/** What kept a write from being done, from the first one that was; undefined where all went well. */
export function findFailedWrite(outcomes: readonly ApplyOutcome[]): Obstacle | undefined {
  for (const { result, error, resource, name } of outcomes) {
    if (result !== 'Conflict' && result !== 'Failed') continue
    return explainFailure(error?.code ?? '', error?.message ?? 'no reason was given', `${resource.kind} ${keyOf(name)}`)
  }
  return undefined
}

function explainFailure(code: string, told: string, what: string): Obstacle {
  if (code === 'KUBE_FIELD_CONFLICT') return { reason: 'FieldConflict', message: `Somebody else sets fields of ${what} that the operator has to set: have them leave these alone (${told})` }
  if (/exceeded quota/.test(told)) return { reason: 'QuotaExceeded', message: `A quota of the namespace leaves no room for ${what}: raise it, or delete what is not needed (${told})` }
  if (code === 'KUBE_FORBIDDEN') return { reason: 'Forbidden', message: `The API server does not let the operator write ${what}: look at its roles, and at the admission rules of the namespace (${told})` }
  return { reason: 'ReconcileFailed', message: `${what} could not be written and is tried again: ${told}` }
}
