import * as z from 'zod'

const flag = (fallback: 'true' | 'false') => z.enum(['true', 'false']).default(fallback).transform((text) => text === 'true')
const image = (of: string) => z.string({ error: `is not set: name the image of the ${of}` }).min(1)

/** What the operator is told by its environment; the chart sets it. */
export const environment = z.object({
  TIDEWATCH_NAMESPACE: z.string({ error: 'is not set: pass metadata.namespace by the downward API' }).min(1).describe('Namespace that the operator runs in.'),
  TIDEWATCH_POD_NAME: z.string({ error: 'is not set: pass metadata.name by the downward API' }).min(1).describe('Name of the operator\'s pod; tells replicas apart.'),
  TIDEWATCH_WATCH_NAMESPACES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
    .describe('Namespaces to watch, separated by commas. Default: all.'),
  TIDEWATCH_DETECTOR_IMAGE: image('detector').describe('Image of detectors.'),
  TIDEWATCH_SIMULATOR_IMAGE: image('simulator').describe('Image of simulators.'),
  TIDEWATCH_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When those images are pulled. Default: IfNotPresent.'),
  TIDEWATCH_PORT: z.coerce.number().int().min(0).max(65_535).default(8_080).describe('Port of probes, /metrics and /lag; 0 for a free one. Default: 8080.'),
  TIDEWATCH_LAG_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(8_443).describe('TLS port of external.metrics.k8s.io; 0 turns it off. Default: 8443.'),
  TIDEWATCH_SERVICE_NAME: z.string().min(1).default('tidewatch-operator').describe('Service in front of both ports. Default: tidewatch-operator.'),
  TIDEWATCH_CLUSTER_ROLE: z.string().min(1).optional().describe('ClusterRole of this installation: what the operator makes for itself goes with it. Default: none, so that it stays.'),
  TIDEWATCH_NETWORK_POLICIES: flag('true').describe('Whether NetworkPolicies are written for pipelines and fleets. Default: true.'),
  TIDEWATCH_LEADER_ELECTION: flag('true').describe('Whether several replicas elect one that writes. Default: true.'),
  TIDEWATCH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info').describe('Least level that is logged. Default: info.'),
})

export type OperatorConfig = Readonly<z.infer<typeof environment>>
