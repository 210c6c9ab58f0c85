import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloads and builds are kept between runs; `TIDEWATCH_CACHE_DIR` moves it. */
export const cacheDir = (): string => process.env['TIDEWATCH_CACHE_DIR'] ?? join(homedir(), '.cache', 'tidewatch')
