/** One row of a recording. */
export interface Row {
  /** In the file, from 1; of a row over several lines, the last. */
  line: number
  columns: readonly string[]
  /** What the column holds, as text; undefined where the row does not have it. */
  textOf(column: string): string | undefined
  /** The same as JSON. */
  jsonOf(column: string): string
}

/** Why a row could not be used; the kinds are few, so that each is told once. */
export type RowProblemKind = 'syntax' | 'columns' | 'tooLong' | 'noDevice' | 'noTime' | 'noNumber'

export interface RowProblem {
  line: number
  kind: RowProblemKind
  /** One sentence's second half: "line 7 ...". */
  problem: string
}

export const isProblem = (row: Row | RowProblem): row is RowProblem => 'problem' in row

/** Bytes of a row that are still read; a longer one is most likely a quote that nobody closed. */
export const longestRow = 1_048_576
