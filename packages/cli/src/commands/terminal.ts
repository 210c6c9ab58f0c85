import colours from 'picocolors'
import { plain, type Palette } from '../manifests/diagnostic.ts'

/** Where a command writes: handed in, so that tests read what a user would see. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Standard output is a terminal that understands cursor movements. */
  isInteractive: boolean
  palette: Palette
  errorPalette: Palette
  columns(): number
  rows(): number
}

/**
 * The process's own terminal. Colours follow each stream by itself and obey NO_COLOR and FORCE_COLOR.
 */
export function processTerminal(): Terminal {
  const isDumb = process.env['TERM'] === 'dumb'
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    isInteractive: process.stdout.isTTY && !isDumb,
    palette: paletteFor(process.stdout.isTTY && !isDumb),
    errorPalette: paletteFor(process.stderr.isTTY && !isDumb),
    columns: () => process.stdout.columns || 80,
    rows: () => process.stdout.rows || 24,
  }
}

function paletteFor(isTerminal: boolean): Palette {
  const forced = process.env['FORCE_COLOR']
  const wanted = process.env['NO_COLOR'] ? false : forced === undefined ? isTerminal : forced !== '0'
  return wanted ? colours.createColors(true) : plain
}
