import type { Benchmark, Result } from './benchmark.ts'

/** Marks a contender with a figure below what it must reach. */
const mark = '*'

/**
 * One benchmark's table: a row for each contender, or whatever `heading` says, numbers to the right.
 *
 *     NAB: 41 series, 64 windows
 *                        standard  low FP
 *     * microClusters       49.54   40.11
 *       always               0.00    0.00
 */
export function renderTable({ title, columns, notes, heading = 'contender' }: Pick<Benchmark, 'title' | 'columns' | 'notes'> & { heading?: string }, results: readonly Result[]): string {
  const names = Math.max(...results.map(({ contender }) => contender.length), 9)
  const widths = columns.map((column, i) => Math.max(column.length, ...results.flatMap(({ rows }) => rows.map((cells) => cells[i]!.length))))
  const line = (first: string, name: string, cells: readonly string[]) => `${first} ${name.padEnd(names)}${cells.map((cell, i) => `  ${cell.padStart(widths[i]!)}`).join('')}`
  const missed = results.filter((result) => result.missed.length > 0)
  return [
    title,
    line(' ', heading, columns),
    ...results.flatMap(({ contender, rows, missed: goals }) => rows.map((cells, i) => line(goals.length > 0 && i === 0 ? mark : ' ', i === 0 ? contender : '', cells))),
    ...notes.map((note) => `  ${note}`),
    ...(missed.length > 0 ? [`${mark} below what it must reach: ${missed.map(({ contender, missed: goals }) => `${contender} (${goals.join('; ')})`).join(', ')}`] : []),
  ].join('\n')
}
