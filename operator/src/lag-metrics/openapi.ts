import { groupVersion, metricNames, type Reply } from './replies.ts'

/** The aggregator merges these into the API server's own documents, and logs an error every minute where they are missing. */
const info = { title: 'Tidewatch lag metrics', version: 'v1beta1' }
const path = `/apis/${groupVersion}`

const listParameters = [{ name: 'labelSelector', in: 'query', description: 'Which pipelines are meant; all of the namespace where it is left out.' }]
const describe = (metric: string) => `Values of ${metric} for the pipelines of a namespace.`

export const openApiV2: Reply = {
  status: 200,
  body: {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(
      metricNames.map((metric) => [
        `${path}/namespaces/{namespace}/${metric}`,
        {
          get: {
            description: describe(metric),
            operationId: operationOf(metric),
            produces: ['application/json'],
            schemes: ['https'],
            parameters: [
              { name: 'namespace', in: 'path', required: true, type: 'string', description: 'The namespace of the pipelines.' },
              ...listParameters.map((one) => ({ ...one, type: 'string' })),
            ],
            responses: { 200: { description: 'An ExternalMetricValueList.' }, 401: { description: 'Unauthorized' } },
          },
        },
      ]),
    ),
    definitions: {},
  },
}

const v3Document = {
  openapi: '3.0.0',
  info,
  paths: Object.fromEntries(
    metricNames.map((metric) => [
      `${path}/namespaces/{namespace}/${metric}`,
      {
        get: {
          description: describe(metric),
          operationId: operationOf(metric),
          parameters: [
            { name: 'namespace', in: 'path', required: true, schema: { type: 'string' }, description: 'The namespace of the pipelines.' },
            ...listParameters.map((one) => ({ ...one, schema: { type: 'string' } })),
          ],
          responses: { 200: { description: 'An ExternalMetricValueList.', content: { 'application/json': { schema: { type: 'object' } } } } },
        },
      },
    ]),
  ),
  components: { schemas: {} },
}

const v3Path = `/openapi/v3/apis/${groupVersion}`

const v3Index: Reply = { status: 200, body: { paths: { [`apis/${groupVersion}`]: { serverRelativeURL: v3Path } } } }

/** Undefined for a path that is none of these. */
export function findOpenApi(asked: string): Reply | undefined {
  if (asked === '/openapi/v2') return openApiV2
  if (asked === '/openapi/v3') return v3Index
  return asked === v3Path ? { status: 200, body: v3Document } : undefined
}

function operationOf(metric: string): string {
  const camel = metric.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()).replace(/^t/, 'T')
  return `listExternalMetricsV1beta1Namespaced${camel}`
}
