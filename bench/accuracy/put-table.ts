import { DataFolderInvalid } from './benchmark.ts'

/**
 * Puts a printed table into a page, between the two comments that name it:
 *
 *     <!-- accuracy:nab -->
 *     ...
 *     <!-- /accuracy:nab -->
 *
 * @throws DataFolderInvalid where the page has no such place.
 */
export function putTable(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- accuracy:${name} -->`, `<!-- /accuracy:${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new DataFolderInvalid(`The page has no place for the table: write the lines "${begin}" and "${end}" where it belongs`)
  return `${page.slice(0, from + begin.length)}\n\n\`\`\`text\n${table}\n\`\`\`\n\n${page.slice(to)}`
}
