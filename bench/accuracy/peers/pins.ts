/**
 * The versions that a pip requirements file pins, by package.
 *
 * @throws Error on a line that pins nothing: an environment that is kept by its requirements must be the same each time.
 */
export function parsePins(requirements: string): Map<string, string> {
  const pins = new Map<string, string>()
  requirements.split('\n').forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return
    const [, name, version] = /^([\w.-]+)==([\w.+-]+)$/.exec(line.trim()) ?? []
    if (name === undefined || version === undefined) throw new Error(`Line ${i + 1} of the peers' requirements pins no version: ${line.trim()}`)
    pins.set(name, version)
  })
  return pins
}
