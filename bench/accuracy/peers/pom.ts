import { buildPom } from '../../pom.ts'

/** Of both jars of AWS' random cut forest. */
export const awsVersion = '4.3.0'

/** `parkservices` has the thresholded forest. */
const artifacts = ['randomcutforest-core', 'randomcutforest-parkservices'] as const

/** What Maven reads. Without what they depend on: they name a test library that was never published, and run without it. */
export const buildAwsPom = (): string => buildPom('accuracy-peers', artifacts.map((name) => ({ group: 'software.amazon.randomcutforest', name, version: awsVersion, isAlone: true })))
