import type * as z from 'zod'
import { objectNameComplaint, objectNamePattern } from '../metadata.ts'
import { celString } from '../rules.ts'
import { kinds, type KindName } from '../manifest.ts'
import { printerColumns, type PrinterColumn } from './printer-columns.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { toStructural } from './to-structural.ts'

const group = 'tidewatch.dev'
const version = 'v1alpha1'

/** What is told of a kind outside its schema. */
interface KindFacts {
  plural: string
  shortName: string
  description: string
  columns: PrinterColumn[]
  /** Where `kubectl scale` and autoscalers read and write; undefined: the kind cannot be scaled. */
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string }
}

const facts: Record<KindName, KindFacts> = {
  DetectionPipeline: {
    plural: 'detectionpipelines',
    shortName: 'dp',
    description: 'A pipeline from readings on a Kafka topic to verdicts: which topic, which window, which detector, where to.',
    columns: printerColumns.DetectionPipeline,
    scale: { specReplicasPath: '.spec.scaling.minReplicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
  },
  DeviceFleet: {
    plural: 'devicefleets',
    shortName: 'fleet',
    description: 'Simulated devices with labelled faults, or a recording replayed, sent to a Kafka topic.',
    columns: printerColumns.DeviceFleet,
  },
}

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`, as it is sent to the API server. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1'
  kind: 'CustomResourceDefinition'
  metadata: { name: string; labels: Record<string, string> }
  spec: {
    group: string
    scope: 'Namespaced'
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames: string[]; categories: string[] }
    versions: {
      name: string
      served: boolean
      storage: boolean
      additionalPrinterColumns: PrinterColumn[]
      schema: { openAPIV3Schema: StructuralSchema }
      subresources: { status: object; scale?: KindFacts['scale'] }
    }[]
  }
}

/**
 * Builds the CustomResourceDefinition of a kind from its zod schema.
 *
 * @throws NotStructural when the schema holds what a CRD cannot.
 */
export function buildCrd(kind: KindName): CustomResourceDefinition {
  const { plural, shortName, description, columns, scale } = facts[kind]
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/name': 'tidewatch', 'app.kubernetes.io/part-of': 'tidewatch' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName], categories: ['tidewatch'] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: buildSchema(kinds[kind], description) },
          subresources: { status: {}, ...(scale && { scale }) },
        },
      ],
    },
  }
}

/** Both CustomResourceDefinitions, in the order in which they are told of everywhere. */
export function buildCrds(): CustomResourceDefinition[] {
  return (Object.keys(kinds) as KindName[]).map(buildCrd)
}

function buildSchema(schema: z.ZodObject<{ spec: z.ZodType; status: z.ZodOptional<z.ZodType> }>, description: string): StructuralSchema {
  return {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: 'Version of the schema that this object is written in.', type: 'string' },
      kind: { description: 'Kind of this object.', type: 'string' },
      // The API server has its own schema of metadata, and lets a CRD bound the name alone, without rules.
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 63 } } },
      spec: toStructural(schema.shape.spec, 'spec'),
      status: toStructural(schema.shape.status.unwrap(), 'status'),
    },
    'x-kubernetes-validations': [
      {
        rule: `self.metadata.name.matches(${celString(objectNamePattern.source)})`,
        message: `the name ${objectNameComplaint}`,
        messageExpression: `'"' + self.metadata.name + ${celString(`" ${objectNameComplaint}`)}`,
        fieldPath: '.metadata.name',
      },
    ],
  }
}
