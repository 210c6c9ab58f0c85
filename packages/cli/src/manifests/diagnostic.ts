/** A place in a file, counted from 1 as editors do. */
export interface Position {
  line: number
  column: number
}

/** One line of a compiler: where, how bad, what. */
export interface Diagnostic {
  /** As the user named it; `<stdin>` for standard input. */
  file: string
  /** Undefined where the file as a whole is meant. */
  position: Position | undefined
  severity: 'error' | 'warning'
  /** `spec.window.sliding.slide`; empty for the document itself. */
  path: string
  message: string
}

/** How parts of a line are dressed on a terminal; the identity elsewhere. */
export interface Palette {
  bold: (text: string) => string
  dim: (text: string) => string
  red: (text: string) => string
  yellow: (text: string) => string
  green: (text: string) => string
}

const asIs = (text: string): string => text
export const plain: Palette = { bold: asIs, dim: asIs, red: asIs, yellow: asIs, green: asIs }

/** `hvac.yaml:12:7: error: spec.window.sliding.slide: message`. */
export function formatDiagnostic({ file, position, severity, path, message }: Diagnostic, palette: Palette = plain): string {
  const where = position === undefined ? file : `${file}:${position.line}:${position.column}`
  const colour = severity === 'error' ? palette.red : palette.yellow
  return `${palette.bold(`${where}:`)} ${colour(`${severity}:`)} ${path === '' ? '' : `${path}: `}${message}`
}
