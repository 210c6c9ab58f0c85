import { randomBytes } from 'node:crypto'
import type { AppError } from '@tidewatch/kit'
import type { Kube } from '../../kube.ts'
import type { KubeObject, ObjectName } from '../../object.ts'
import { resources, type Resource } from '../../resource.ts'
import { anObject } from '../an-object.ts'

/** An implementation and where the suite may work. */
export interface KubeUnderContract {
  kube: Kube
  /** Made for this run, so that the suite may count what is in it. */
  namespace: string
  /** A kind made for this run in two served versions, `v1` preferred to `v1beta1`, with a status subresource and `status.conditions` a map by `type`. */
  widgets: Resource
  /** A version so old that a watch of widgets cannot begin from it. */
  expiredVersion: () => Promise<string>
  collectGarbage: () => Promise<void>
  stop: () => Promise<void>
}

type Build = (name: string, fields?: Record<string, unknown>) => KubeObject

/** The same, with builders of objects that lie in it. */
export interface World extends KubeUnderContract {
  config: Build
  widget: Build
  deployment: (name: string, spec?: Record<string, unknown>, container?: Record<string, unknown>) => KubeObject
  named: (name: string) => ObjectName
}

export function createWorld(under: KubeUnderContract): World {
  const { namespace, widgets } = under
  return {
    ...under,
    config: (name, fields = {}) => anObject(name, fields, resources.configMaps, namespace),
    widget: (name, fields = {}) => anObject(name, fields, widgets, namespace),
    deployment: (name, spec = {}, container = {}) => {
      const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'tidewatch/detector:1', ...container }] } }
      return anObject(name, { spec: { ...spec, selector: { matchLabels: { app: name } }, template } }, resources.deployments, namespace)
    },
    named: (name) => ({ namespace, name }),
  }
}

/** Field managers of the suite. */
export const us = { fieldManager: 'tidewatch-operator' }
export const ours = { fieldManager: 'tidewatch-operator-status' }
export const them = { fieldManager: 'somebody-else' }

/** A name that nobody has. */
export const fresh = (prefix = 'object') => `${prefix}-${randomBytes(4).toString('hex')}`

export const containersOf = (object: KubeObject) => (object as unknown as { spec: { template: { spec: { containers: Record<string, unknown>[] } } } }).spec.template.spec.containers

/** The code and the message that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<[string, string]> {
  const error = await promise.then(() => undefined, (thrown: AppError) => thrown)
  return [error?.code ?? 'no error', error?.message ?? '']
}
