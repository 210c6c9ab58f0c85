const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const otherNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const leadingZero = /^[+-]?0\d/
const noNumber = /^[+-]?(?:nan|inf|infinity)$/i

/**
 * A cell of a CSV as JSON: numbers as numbers, with all their digits; NaN, infinities and empty cells as null;
 * everything else, and numbers with leading zeros (they are ids), as text.
 */
export function cellToJson(cell: string): string {
  const text = cell.trim()
  if (jsonNumber.test(text)) return Number.isFinite(Number(text)) ? text : 'null'
  if (text === '' || noNumber.test(text)) return 'null'
  if (otherNumber.test(text) && !leadingZero.test(text)) return Number.isFinite(Number(text)) ? String(Number(text)) : 'null'
  return JSON.stringify(cell)
}

/** True for the JSON of a number, and for the null that stands for one that JSON cannot write. */
export const isNumberJson = (json: string): boolean => json === 'null' || jsonNumber.test(json)
