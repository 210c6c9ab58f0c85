import { plain } from '../manifests/diagnostic.ts'
import type { Terminal } from '../commands/terminal.ts'

/** A terminal that remembers what it was told. */
export function recordingTerminal(over: Partial<Terminal> = {}): Terminal & { written: string[]; complaints: string[] } {
  const written: string[] = []
  const complaints: string[] = []
  return {
    written,
    complaints,
    out: (text) => void written.push(text),
    err: (text) => void complaints.push(text),
    isInteractive: false,
    palette: plain,
    errorPalette: plain,
    columns: () => 80,
    rows: () => 24,
    ...over,
  }
}
