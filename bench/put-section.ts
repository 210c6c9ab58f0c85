import { readFileSync, writeFileSync } from 'node:fs'
import { defineError } from '@tidewatch/kit'

export const PagePlaceMissing = defineError('PAGE_PLACE_MISSING', { retry: 'never' })

/**
 * Puts printed text into a page, between the two comments that name its place:
 *
 *     <!-- performance:speed -->
 *     ...
 *     <!-- /performance:speed -->
 *
 * @throws PagePlaceMissing where the page has no such place.
 */
export function putSection(page: string, place: string, text: string): string {
  const [begin, end] = [`<!-- ${place} -->`, `<!-- /${place} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new PagePlaceMissing(`The page has no place for the table: write the lines "${begin}" and "${end}" where it belongs`)
  return `${page.slice(0, from + begin.length)}\n\n\`\`\`text\n${text}\n\`\`\`\n\n${page.slice(to)}`
}

/** The same in the page's file. */
export const writeSection = (file: string, place: string, text: string): void => writeFileSync(file, putSection(readFileSync(file, 'utf8'), place, text))
