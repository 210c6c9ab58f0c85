import { putSection } from '../put-section.ts'

/** Puts a benchmark's table into a page, between `<!-- accuracy:NAME -->` and `<!-- /accuracy:NAME -->`. @throws PagePlaceMissing */
export const putTable = (page: string, name: string, table: string): string => putSection(page, `accuracy:${name}`, table)
