import { findUnavailable, formatPath, parseManifest, sharesState, stateTopicOf, type Manifest } from '@tidewatch/api'
import { LineCounter, parseAllDocuments, type Document } from 'yaml'
import type { Diagnostic, Position } from './diagnostic.ts'
import { locate } from './locate.ts'

/** One file's text, under the name that the user knows it by. */
export interface ManifestText {
  file: string
  text: string
}

/** A valid manifest and where it was written. */
export interface CheckedManifest {
  manifest: Manifest
  file: string
  /** Finds a field's place in the file, for problems that only show later. */
  positionOf(path: readonly (string | number)[]): Position
}

export interface CheckResult {
  manifests: CheckedManifest[]
  diagnostics: Diagnostic[]
}

/**
 * Checks every document of every file, that no two have the same kind, namespace and name, and that no two pipelines keep their state in one topic. Problems are
 * reported all at once, in the order of the files.
 *
 * @param unavailable how bad a field is that this release cannot do yet: `warning` where the manifest is only
 *   looked at (it may be meant for a newer release), `error` where it is to be run.
 */
export function checkManifests(texts: readonly ManifestText[], unavailable: 'warning' | 'error'): CheckResult {
  const manifests: CheckedManifest[] = []
  const diagnostics: Diagnostic[] = []
  const firstByName = new Map<string, CheckedManifest>()

  for (const text of texts) {
    const checked = checkText(text, unavailable)
    diagnostics.push(...checked.diagnostics)
    for (const one of checked.manifests) {
      const { kind, metadata } = one.manifest
      const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
      const first = firstByName.get(name)
      if (first === undefined) {
        firstByName.set(name, one)
        diagnostics.push(...findSharedState(one, manifests))
        manifests.push(one)
        continue
      }
      const there = first.positionOf(['metadata', 'name'])
      const message = `there is a ${kind} named "${metadata.name}" already, at ${first.file}:${there.line}: write another name`
      diagnostics.push(problem(one.file, one.positionOf(['metadata', 'name']), ['metadata', 'name'], message))
    }
  }
  return { manifests, diagnostics }
}

/** That a pipeline keeps its checkpoints where an earlier one does. */
function findSharedState(one: CheckedManifest, earlier: readonly CheckedManifest[]): Diagnostic[] {
  const { manifest, file } = one
  if (manifest.kind !== 'DetectionPipeline') return []
  const first = earlier.find(({ manifest: other }) => other.kind === 'DetectionPipeline' && sharesState(other, manifest))
  if (first === undefined) return []
  const path = manifest.spec.checkpoint?.topic === undefined ? ['metadata', 'name'] : ['spec', 'checkpoint', 'topic']
  const message = `the DetectionPipeline "${first.manifest.metadata.name}" keeps its checkpoints in topic ${stateTopicOf(manifest)}, and two would destroy each other's: name another one, or leave it out`
  return [problem(file, one.positionOf(path), path, message)]
}

function checkText({ file, text }: ManifestText, unavailable: 'warning' | 'error'): CheckResult {
  const lines = new LineCounter()
  // JSON is YAML, so one parser reads both. Its pretty errors repeat the source line, which an editor shows anyway.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }) as Document.Parsed[]
  const result: CheckResult = { manifests: [], diagnostics: [] }
  for (const document of documents) {
    if (document.errors.length > 0) {
      result.diagnostics.push(...syntaxErrors(file, document, lines))
      continue
    }
    const content = readContent(document)
    if (content instanceof Error) result.diagnostics.push(problem(file, { line: 1, column: 1 }, [], `not YAML: ${content.message}`))
    // A document without content is what a trailing `---` leaves; kubectl passes over it as well.
    else if (content !== null) checkDocument(file, document, content, lines, unavailable, result)
  }
  if (result.manifests.length === 0 && result.diagnostics.length === 0) {
    result.diagnostics.push(problem(file, undefined, [], 'holds no manifest: write apiVersion, kind, metadata and spec'))
  }
  return result
}

/** The document's value, or what is wrong with its aliases. */
function readContent(document: Document.Parsed): unknown {
  try {
    return document.toJS() as unknown
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function checkDocument(file: string, document: Document.Parsed, content: unknown, lines: LineCounter, unavailable: 'warning' | 'error', result: CheckResult): void {
  const parsed = parseManifest(content)
  if (!parsed.ok) {
    for (const { path, message } of parsed.problems) {
      const position = locate(document, lines, path, message.startsWith('is not a field here') ? 'key' : 'value')
      result.diagnostics.push(problem(file, position, path, message))
    }
    return
  }
  const { manifest } = parsed
  result.manifests.push({ manifest, file, positionOf: (path) => locate(document, lines, path) })
  for (const { path, message } of findUnavailable(manifest)) {
    result.diagnostics.push({ ...problem(file, locate(document, lines, path), path, message), severity: unavailable })
  }
}

/** The first error of a document; those behind it are mostly its consequences. */
function syntaxErrors(file: string, document: Document.Parsed, lines: LineCounter): Diagnostic[] {
  return document.errors.slice(0, 1).map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return problem(file, { line, column: col }, [], `not YAML: ${error.message.replace(/\.$/, '')}`)
  })
}

function problem(file: string, position: Position | undefined, path: readonly (string | number)[], message: string): Diagnostic {
  return { file, position, severity: 'error', path: formatPath(path), message }
}
