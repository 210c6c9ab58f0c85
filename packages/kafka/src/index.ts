export * from './ports.ts'
export { assertReachable, type KafkaConnection, type SaslOptions, type TlsOptions } from './connection.ts'
export { connectionFromEnvironment, kafkaEnvironment, type KafkaEnvironment } from './environment.ts'
export {
  AccessDenied,
  AddressInvalid,
  Closed,
  CommitFailed,
  Fenced,
  KafkaFailed,
  KafkaUnreachable,
  RebalanceInProgress,
  RecordTooLarge,
  RequestInvalid,
  RequestTooLarge,
  SourceCrashed,
  TopicConflict,
  TopicMissing,
  TransactionTimedOut,
} from './errors.ts'
export { createRecordSource } from './source.ts'
export type { RecordSourceOptions } from './source-options.ts'
export { createRecordSink, type RecordSinkOptions } from './sink.ts'
export { type Compression } from './codecs/index.ts'
export { createTransactionalSink, type TransactionalSinkOptions } from './transactional-sink.ts'
export { createTopicAdmin, type TopicAdmin, type TopicDescription, type TopicSpec } from './admin.ts'
export { computeLag, type PartitionOffsets } from './lag.ts'
export { createPartitionReader, type PartitionReader } from './partition-reader.ts'
export { cursorOver, viewOf } from './records.ts'
export { partitionOf } from './murmur2.ts'
export { BrokerDied, DiskFull, JarsMissing, JavaMissing, MavenMissing } from './embedded/errors.ts'
export { kafkaVersion, startEmbeddedKafka, type EmbeddedKafka, type EmbeddedKafkaOptions } from './embedded/index.ts'
