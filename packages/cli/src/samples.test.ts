import { readdirSync, readFileSync } from 'node:fs'
import { findUnavailable, formatPath, parseManifest, planTopics, resolveFleet, resolvePipeline } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

const folder = new URL('../../../config/samples/', import.meta.url)
const samplesIn = (kind: string) => readdirSync(new URL(kind, folder)).map((name) => ({ name, text: readFileSync(new URL(`${kind}/${name}`, folder), 'utf8') }))
const documentsOf = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJS() as unknown)

describe('valid samples', () => {
  test.each(samplesIn('valid'))('$name is accepted, available and resolves', ({ text }) => {
    for (const document of documentsOf(text)) {
      const parsed = parseManifest(document)
      expect(parsed).toMatchObject({ ok: true })
      if (!parsed.ok) continue
      expect(findUnavailable(parsed.manifest)).toEqual([])
      expect(planTopics(parsed.manifest).length).toBeGreaterThan(0)
      const resolved = parsed.manifest.kind === 'DetectionPipeline' ? resolvePipeline(parsed.manifest) : resolveFleet(parsed.manifest)
      expect(resolved.topic).not.toBe('')
    }
  })

  test.each(samplesIn('valid'))('$name says at its top what it shows', ({ text }) => {
    expect(text).toMatch(/^# \S.{20}/)
  })
})

describe('invalid samples', () => {
  test.each(samplesIn('invalid'))('$name is refused with the message it names, and no other', ({ text }) => {
    const expected = /^# expect: (.+)\n/.exec(text)?.[1]
    expect(expected, 'the first line says "# expect: <message>"').toBeDefined()
    const messages = documentsOf(text).flatMap((document) => {
      const parsed = parseManifest(document)
      return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`)
    })
    expect(messages).toEqual([expect.stringContaining(expected ?? '')])
  })
})
