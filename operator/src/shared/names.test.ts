import { expect, test } from 'vitest'
import { childName, topicResourceName } from './names.ts'

test('a child is called after its owner', () => {
  expect(childName('hvac', 'detector')).toBe('hvac-detector')
})

test('two long names that differ only at their ends stay two, and both are DNS labels', () => {
  const [a, b] = ['a', 'b'].map((end) => childName(`${'x'.repeat(60)}${end}`, 'detector'))
  expect(a).not.toBe(b)
  for (const name of [a!, b!]) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
})

test.each([
  ['iot-metrics', /^iot-metrics$/],
  ['IoT_Metrics', /^iot-metrics-[0-9a-z]{11}$/],
  ['__x', /^x-[0-9a-z]{11}$/],
  ['...', /^topic-[0-9a-z]{11}$/],
  ['t'.repeat(249), /^t{249}$/],
])('the KafkaTopic of topic %s', (topic, name) => {
  expect(topicResourceName(topic)).toMatch(name)
})
