import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readNodeImage } from './kind.ts'

test('The image of config/kind is pinned by its digest', () => {
  expect(readNodeImage(readFileSync(new URL('../../config/kind/cluster.yaml', import.meta.url), 'utf8'))).toMatch(/^kindest\/node:v1\.34\.\d+@sha256:[0-9a-f]{64}$/)
})

test.each(['{}', 'nodes: []', 'nodes: [{role: control-plane}]'])('A configuration without an image is refused: %s', (yaml) => {
  expect(() => readNodeImage(yaml)).toThrow('config/kind/cluster.yaml names no image for its first node: give nodes[0].image, so that it can be pulled beforehand')
})
