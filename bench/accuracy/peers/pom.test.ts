import { expect, test } from 'vitest'
import { awsVersion, buildAwsPom } from './pom.ts'

test('Maven is asked for both jars at one version, without what they depend on', () => {
  const pom = buildAwsPom()
  const dependencies = [...pom.matchAll(/<artifactId>(randomcutforest-\w+)<\/artifactId><version>([\d.]+)<\/version><exclusions><exclusion><groupId>\*</g)]
  expect(dependencies.map(([, name, version]) => [name, version])).toEqual([['randomcutforest-core', awsVersion], ['randomcutforest-parkservices', awsVersion]])
})
