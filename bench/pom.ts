/** An artifact of Maven's, and whether what it depends on is left out. */
export interface Artifact {
  group: string
  name: string
  version: string
  isAlone?: boolean
}

const exclusions = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'

/**
 * What Maven reads to fetch peers of a benchmark. Folders of peers are named by a digest of it.
 *
 * @param name of the project; nothing is ever published under it.
 */
export function buildPom(name: string, artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ({ group, name: artifact, version, isAlone = false }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${isAlone ? exclusions : ''}</dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tidewatch</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`
}
