/** The versions of what Maven fetches. Flink's connector names the Flink that it is for. */
export const javaVersions = { kafkaStreams: '4.1.1', flink: '2.0.1', flinkConnector: '4.0.1-2.0', jackson: '2.19.0' } as const

type Artifact = readonly [group: string, artifact: string, version: string]

const jackson: Artifact = ['com.fasterxml.jackson.core', 'jackson-core', javaVersions.jackson]

export const streamsArtifacts: readonly Artifact[] = [['org.apache.kafka', 'kafka-streams', javaVersions.kafkaStreams], jackson]

export const flinkArtifacts: readonly Artifact[] = [
  ['org.apache.flink', 'flink-streaming-java', javaVersions.flink],
  ['org.apache.flink', 'flink-clients', javaVersions.flink],
  ['org.apache.flink', 'flink-connector-base', javaVersions.flink],
  ['org.apache.flink', 'flink-connector-kafka', javaVersions.flinkConnector],
  jackson,
]

/** What Maven reads: these and what they need. */
export function buildPom(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(([group, artifact, version]) => `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`)
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tidewatch</groupId><artifactId>speed-peers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`
}
