/** Splits one line of a CSV: quotes hold delimiters, a doubled quote is one. */
export function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (character === '"') {
      if (isQuoted && line[i + 1] === '"') {
        cell += '"'
        i++
      } else isQuoted = !isQuoted
    } else if (character === delimiter && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += character ?? ''
  }
  return [...cells, cell]
}

/** The separator that cuts the header into most columns. */
export function guessDelimiter(header: string): string {
  const candidates = [',', ';', '\t', '|']
  return candidates.reduce((best, one) => (splitLine(header, one).length > splitLine(header, best).length ? one : best), ',')
}
