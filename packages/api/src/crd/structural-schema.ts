import type { CelValidation } from '../rules.ts'

/** What apiextensions.k8s.io/v1 takes as a schema: JSON Schema without what stands in the way of pruning and defaulting (KEP-2335). */
export interface StructuralSchema {
  description?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  format?: string
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  exclusiveMinimum?: boolean
  maximum?: number
  exclusiveMaximum?: boolean
  minItems?: number
  maxItems?: number
  items?: StructuralSchema
  maxProperties?: number
  additionalProperties?: StructuralSchema
  required?: string[]
  properties?: Record<string, StructuralSchema>
  default?: unknown
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-validations'?: CelValidation[]
}

/** A schema that a CRD cannot hold: where, and what to write instead. A mistake in our own schema, never in a manifest. */
export class NotStructural extends Error {
  readonly path: string

  constructor(path: string, problem: string) {
    super(`${path === '' ? 'the schema' : path}: ${problem}`)
    this.name = 'NotStructural'
    this.path = path
  }
}
