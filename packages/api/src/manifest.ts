import type * as z from 'zod'
import { deviceFleet, type DeviceFleet } from './fleet/fleet.ts'
import { apiVersion } from './metadata.ts'
import { detectionPipeline, type DetectionPipeline } from './pipeline/pipeline.ts'
import { withoutNulls } from './nulls.ts'
import { explainIssues, type Problem } from './problems.ts'

/** The kinds by name. */
export const kinds = { DetectionPipeline: detectionPipeline, DeviceFleet: deviceFleet } as const
export type KindName = keyof typeof kinds
export type Manifest = DetectionPipeline | DeviceFleet

export type ParsedManifest = { ok: true; manifest: Manifest } | { ok: false; problems: Problem[] }

/**
 * Checks one manifest and fills in its defaults.
 *
 * @param document what a YAML or JSON parser gave.
 * @returns the manifest, or every problem it has, at once.
 */
export function parseManifest(document: unknown): ParsedManifest {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { ok: false, problems: [{ path: [], message: 'is not a manifest: write an object with apiVersion, kind, metadata and spec' }] }
  }
  const { kind } = document as { kind?: unknown }
  const schema: z.ZodType<Manifest> | undefined = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind as KindName] : undefined
  if (schema === undefined) {
    const problems: Problem[] = [{ path: ['kind'], message: `must be ${Object.keys(kinds).join(' or ')}` }]
    if ((document as { apiVersion?: unknown }).apiVersion !== apiVersion) problems.unshift({ path: ['apiVersion'], message: `must be "${apiVersion}"` })
    return { ok: false, problems }
  }
  const result = schema.safeParse(withoutNulls(schema, document), { reportInput: true })
  return result.success ? { ok: true, manifest: result.data } : { ok: false, problems: explainIssues(schema, result.error.issues) }
}
