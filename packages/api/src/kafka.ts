import * as z from 'zod'
import { mapOf } from './map.ts'
import { foreignName } from './metadata.ts'
import { exactlyOneOf, matching, withRules } from './rules.ts'
import { text } from './text.ts'

const brokersPattern = /^[A-Za-z0-9._-]+:[0-9]{1,5}(, *[A-Za-z0-9._-]+:[0-9]{1,5})*$/

const secretKey = z
  .strictObject({
    name: foreignName().describe('Name of a Secret in the same namespace.'),
    key: text(1, 253).describe('Key in the Secret.'),
  })
  .describe('One value in a Secret.')

const userAndPassword = z.strictObject({
  username: text(1, 64).describe('User name, at most 64 characters.'),
  passwordSecret: secretKey.describe('The Secret that holds the password.'),
})

const authentication = withRules(
  z.strictObject({
    scramSha512: userAndPassword.optional().describe('SASL SCRAM-SHA-512.'),
    plain: userAndPassword.optional().describe('SASL PLAIN; use it over TLS only.'),
    tls: z
      .strictObject({
        certificateSecret: secretKey.describe('The Secret that holds the client certificate (PEM).'),
        keySecret: secretKey.describe('The Secret that holds the private key (PEM).'),
      })
      .optional()
      .describe('Mutual TLS with a client certificate.'),
  }),
  exactlyOneOf('scramSha512', 'plain', 'tls'),
).describe('How to log in. With clusterRef, a KafkaUser is created and this may be left out.')

/** How to reach Kafka: the same for both kinds. */
export const kafkaConnection = withRules(
  z.strictObject({
    clusterRef: z
      .strictObject({ name: foreignName().describe('Name of the Kafka resource.') })
      .optional()
      .describe('A Strimzi Kafka cluster in the same namespace.'),
    bootstrapServers: matching(
      text(1, 2048),
      brokersPattern,
      'is not a list of brokers: write host:port, with commas between several, such as "kafka-0:9092,kafka-1:9092"',
    )
      .optional()
      .describe('Comma-separated host:port list of a cluster that Strimzi does not run.'),
    tls: z
      .strictObject({
        trustedCertificates: z
          .array(secretKey)
          .max(16)
          .default([])
          .describe('Certificate authorities to trust beside the system\'s. Default: none.'),
      })
      .optional()
      .describe('Encrypt the connection. With clusterRef, the cluster\'s own authority is trusted.'),
    authentication: authentication.optional(),
    topicManagement: z
      .enum(['Strimzi', 'Direct', 'None'])
      .optional()
      .describe('Who creates topics: Strimzi (KafkaTopic resources), Direct (the Kafka Admin API) or None. Default: Strimzi with clusterRef, Direct with bootstrapServers.'),
  }),
  exactlyOneOf('clusterRef', 'bootstrapServers'),
  {
    transition: 'has(self.clusterRef) == has(oldSelf.clusterRef) && (!has(self.clusterRef) || self.clusterRef.name == oldSelf.clusterRef.name)',
    message: 'the Kafka cluster cannot change, because offsets and state belong to it: make a new object',
    field: 'clusterRef',
  },
  {
    cel: "!has(self.topicManagement) || self.topicManagement != 'Strimzi' || has(self.clusterRef)",
    message: 'topicManagement Strimzi needs clusterRef: write Direct or None with bootstrapServers',
    field: 'topicManagement',
    holds: (kafka) => kafka.topicManagement !== 'Strimzi' || kafka.clusterRef !== undefined,
  },
).describe('The Kafka cluster.')

/** A topic's name as Kafka allows it. */
export const topicName = () => matching(text(1, 249), /^[a-zA-Z0-9._-]+$/, 'is not a topic name: use letters, digits, ".", "_" and "-"')

/** A topic that we may create. */
export const topic = withRules(
  z.strictObject({
    name: topicName().describe('Name of the topic.'),
    partitions: z.int().min(1).max(10_000).default(8).describe('Number of partitions; may grow, never shrink. Default: 8.'),
    replicas: z.int().min(1).max(32_767).optional().describe('Replication factor. Default: the brokers\' own (default.replication.factor).'),
    config: mapOf(text(0, 4096), { maxEntries: 64, maxKeyLength: 249 }).default({}).describe('Topic configuration, such as retention.ms. Values are strings.'),
    deletionPolicy: z.enum(['Retain', 'Delete']).default('Retain').describe('What becomes of the topic when this object is deleted. Default: Retain.'),
  }),
  {
    transition: 'self.name == oldSelf.name',
    message: 'the topic cannot change, because offsets and state belong to it: make a new object',
    field: 'name',
  },
  {
    transition: 'self.name != oldSelf.name || self.partitions >= oldSelf.partitions',
    message: 'partitions cannot become fewer, because Kafka removes none: write at least as many as before',
    field: 'partitions',
  },
)

/** A topic that we write; only its name must be given. */
export const outputTopic = withRules(
  z.strictObject({
    topic: topicName().describe('Name of the topic.'),
    partitions: z.int().min(1).max(10_000).optional().describe('Number of partitions. Default: as many as the input topic.'),
    replicas: z.int().min(1).max(32_767).optional().describe('Replication factor. Default: the brokers\' own.'),
    config: mapOf(text(0, 4096), { maxEntries: 64, maxKeyLength: 249 }).default({}).describe('Topic configuration. Values are strings.'),
  }),
  {
    transition: 'self.topic != oldSelf.topic || !has(self.partitions) || !has(oldSelf.partitions) || self.partitions >= oldSelf.partitions',
    message: 'partitions cannot become fewer, because Kafka removes none: write at least as many as before, or another topic',
    field: 'partitions',
  },
)

export type KafkaConnectionSpec = z.infer<typeof kafkaConnection>
export type TopicSpec = z.infer<typeof topic>
