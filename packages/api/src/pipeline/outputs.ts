import * as z from 'zod'
import { outputTopic } from '../kafka.ts'
import { foreignName } from '../metadata.ts'
import { text } from '../text.ts'

const secretRef = z.strictObject({ name: foreignName().describe('Name of a Secret in the same namespace.') })
const identifier = () => text(1, 128)

const sinks = z.strictObject({
  postgres: z
    .strictObject({
      host: text(1, 253).describe('Host name.'),
      port: z.int().min(1).max(65_535).default(5432).describe('Port. Default: 5432.'),
      database: identifier().describe('Database.'),
      table: identifier().default('anomalies').describe('Table. Default: anomalies.'),
      credentialsSecret: secretRef.describe('Secret with the keys username and password.'),
    })
    .optional()
    .describe('Verdicts into a PostgreSQL table.'),
  s3Parquet: z
    .strictObject({
      bucket: text(3, 63).describe('Bucket.'),
      prefix: text(0, 512).default('').describe('Prefix of the object names. Default: none.'),
      endpoint: text(0, 1_024).optional().describe('Address of an S3-compatible store. Default: AWS.'),
      region: text(0, 64).default('us-east-1').describe('Region. Default: us-east-1.'),
      credentialsSecret: secretRef.describe('Secret with the keys accessKeyId and secretAccessKey.'),
    })
    .optional()
    .describe('Verdicts as Parquet files in S3.'),
  cassandra: z
    .strictObject({
      contactPoints: z.array(text(1, 253)).min(1).max(32).describe('Hosts to begin with.'),
      localDataCenter: identifier().describe('Data centre of the client.'),
      keyspace: identifier().describe('Keyspace.'),
      table: identifier().default('anomalies').describe('Table. Default: anomalies.'),
      credentialsSecret: secretRef.optional().describe('Secret with the keys username and password.'),
    })
    .optional()
    .describe('Verdicts into Cassandra or ScyllaDB.'),
  mlflow: z
    .strictObject({
      trackingUri: text(1, 1_024).describe('Address of the tracking server.'),
      experiment: text(1, 256).describe('Experiment.'),
    })
    .optional()
    .describe('Detections and performance as MLflow runs.'),
  webhooks: z
    .array(
      z.strictObject({
        url: text(1, 1_024).describe('Address that each anomaly is posted to.'),
        headersSecret: secretRef.optional().describe('Secret whose keys are header names.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Each anomaly posted as JSON. Default: none.'),
})

export const outputs = z
  .strictObject({
    anomalies: outputTopic.optional().describe('Anomalous verdicts. Default topic: <name>-anomalies.'),
    scores: outputTopic.optional().describe('Every verdict, normal ones too. Default: not written.'),
    deadLetters: outputTopic.optional().describe('Records that cannot be read, untouched, with the reason in headers. Default topic: <name>-dead-letters.'),
    late: outputTopic.optional().describe('Records behind allowedLateness, untouched. Default: counted and dropped.'),
    clusterEvents: outputTopic.optional().describe('What becomes of the regimes that microClusters takes for normal: born, merged, split, died. Default: not written.'),
    sinks: sinks.prefault({}).describe('Stores beside Kafka. Default: none.'),
  })
  .prefault({})
  .describe('Where results go.')
