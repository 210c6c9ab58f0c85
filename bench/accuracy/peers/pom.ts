/** Of both jars of AWS' random cut forest. */
export const awsVersion = '4.3.0'

/** `parkservices` has the thresholded forest. */
const artifacts = ['randomcutforest-core', 'randomcutforest-parkservices'] as const

/** What Maven reads. Without what they depend on: they name a test library that was never published, and run without it. */
export function buildPom(): string {
  const dependencies = artifacts.map(
    (name) =>
      `<dependency><groupId>software.amazon.randomcutforest</groupId><artifactId>${name}</artifactId><version>${awsVersion}</version>` +
      '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>',
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tidewatch</groupId><artifactId>accuracy-peers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`
}
