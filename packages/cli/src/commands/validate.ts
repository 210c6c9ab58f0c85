import { checkManifests } from '../manifests/check.ts'
import { formatDiagnostic } from '../manifests/diagnostic.ts'
import { readManifestTexts } from '../manifests/read.ts'
import type { Terminal } from './terminal.ts'

/** `tidewatch validate`: prints what is wrong like a compiler; the answer is the exit code. */
export function validate(paths: readonly string[], terminal: Terminal): number {
  const texts = readManifestTexts(paths)
  const { manifests, diagnostics } = checkManifests(texts, 'warning')
  for (const diagnostic of diagnostics) terminal.err(formatDiagnostic(diagnostic, terminal.errorPalette))

  for (const { file } of texts) {
    const valid = manifests.filter((manifest) => manifest.file === file).length
    const isClean = !diagnostics.some((diagnostic) => diagnostic.file === file && diagnostic.severity === 'error')
    if (isClean) terminal.out(terminal.palette.green(`${file}: ${valid} ${valid === 1 ? 'manifest is' : 'manifests are'} valid`))
  }
  return countErrors(diagnostics) > 0 ? 1 : 0
}

export function countErrors(diagnostics: readonly { severity: string }[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length
}
