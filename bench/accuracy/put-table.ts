import { DataFolderInvalid } from './benchmark.ts'

/**
 * Puts a printed table into a page, between the two comments that name it:
 *
 *     <!-- accuracy:nab -->
 *     ...
 *     <!-- /accuracy:nab -->
 *
 * @param area the word before the colon.
 * @throws DataFolderInvalid where the page has no such place.
 */
export function putTable(page: string, name: string, table: string, area = 'accuracy'): string {
  const [begin, end] = [`<!-- ${area}:${name} -->`, `<!-- /${area}:${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new DataFolderInvalid(`The page has no place for the table: write the lines "${begin}" and "${end}" where it belongs`)
  return `${page.slice(0, from + begin.length)}\n\n\`\`\`text\n${table}\n\`\`\`\n\n${page.slice(to)}`
}
