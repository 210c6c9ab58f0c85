import type { Artifact } from '../pom.ts'

/** The versions of what Maven fetches. Flink's connector names the Flink that it is for. */
export const javaVersions = { kafkaStreams: '4.1.1', flink: '2.0.1', flinkConnector: '4.0.1-2.0', jackson: '2.19.0' } as const

const jackson: Artifact = { group: 'com.fasterxml.jackson.core', name: 'jackson-core', version: javaVersions.jackson }

export const streamsArtifacts: readonly Artifact[] = [{ group: 'org.apache.kafka', name: 'kafka-streams', version: javaVersions.kafkaStreams }, jackson]

export const flinkArtifacts: readonly Artifact[] = [
  { group: 'org.apache.flink', name: 'flink-streaming-java', version: javaVersions.flink },
  { group: 'org.apache.flink', name: 'flink-clients', version: javaVersions.flink },
  { group: 'org.apache.flink', name: 'flink-connector-base', version: javaVersions.flink },
  { group: 'org.apache.flink', name: 'flink-connector-kafka', version: javaVersions.flinkConnector },
  jackson,
]
