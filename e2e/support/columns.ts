/** The rows of `kubectl get` as objects by column; columns are as wide as their heads say. */
export function parseColumns(table: string): Record<string, string>[] {
  const [head = '', ...rows] = table.trimEnd().split('\n')
  const names = [...head.matchAll(/\S+/g)].map(({ 0: name, index }) => ({ name, index }))
  return rows
    .filter((row) => row.trim() !== '')
    .map((row) => Object.fromEntries(names.map(({ name, index }, i) => [name, row.slice(index, names[i + 1]?.index).trim()])))
}
