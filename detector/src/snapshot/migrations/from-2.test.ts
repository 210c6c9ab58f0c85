import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { SnapshotDamaged } from '../errors.ts'
import { openSnapshot } from '../header.ts'
import { splitSnapshots } from '../split.ts'
import { fromLayout2 } from './from-2.ts'
import { expectToGoOn } from './testing/written-snapshot.ts'

/** A full snapshot and an increment as a detector of layout 2 wrote them, zipped: of two devices, of which d0 went through a labelled fault. */
const written = gunzipSync(Buffer.from([
  'H4sIAAAAAAACA+1WS2sUQRCuzbq6iEhAEb0WOXgYZZZEkblkfEAUVNSNCIYg7XQlaTMzPXT3ZBNlMXfBkxe9iEc9eBVvKupvEATBq3gQ/APSPdPr5iGKoCCmL9VdU/XVcz92+kr3/PELI+BOfDEOtw',
  'HcQpamskf8LDOUk9bnNEZHwjAMcI6VqTlNjJPCCI3g1GMmWTjk9BjgHDFTKtIYzWBGLMcAE1nmBmcDnFeyLE6sYISnaEkkhAEKntK0yEiWxsYYD12QjC2fTGWy2F2k3kBt9ZJTitEtXBQ5xwiVvF5q',
  'c7WbSGXBCqZYRoaUtjY9prLLBUbjAfZEzmUPo2P9vrMywgiZYxQGWIiCUpETRsjJFXHYkLaVKGJc5PMWKmGG5qUSrqzZAHmVfoRjhzXlWqprgmOAtES5sdVYnzmpMmYwwjNaHjsadlx+ZsE5GZGRNi',
  'wrsB9gRkaJxLrkLKtAa1WASywtK1V1s/nrRBY03ENNxDHqBGgWFOkFmXILpl1Tok4/QCMLG8BXpDHYrDmDrpoyu57aygPU4ibZAXRs//t9aMDqxMvs2coJgOxVJVefrJVrT71X0AaAXObUAICdAKAL',
  'sUgjzRH/tMnab9CoHaxs1gDMo22rZQyrU48H4W60j68P5415OAD6nqHP/JOTjYHD3njcnYk4um/P80mAlRdrffzbwp2LnXxxIYZmYwCzDwBmkIcY5GWazlbKL5OVxNhDNH2K+wFgeI8t0A7/sVW3To',
  'l8frtvIy0ba7AbAFJiKidu1bsAIFHEhWmPAoAvZX1pf+vd9IU3feXNtZvxZdINqPPnBgTn62wuxtB0YerZdDadTXvjbAazaG//hZZWq+nfo77g9oYLQGupBXDw0fvu9DD7QneLfbfY94fs2/BL04DV',
  'h6+rNX/35l9lYZ/5jJNDLvED+9s+MBF/3vN06uPNe5PeZr1PBXepZuFabs4Sn2p2+PB6mFn8X55KXvp1Gh+LPcR/QuPgL2O/QePO7Da47z9l4dGNrf3Owu3fYOEfVDS64QLQutsCuPP2691vRsJ4nx',
  'QLAAA=',
].join(''), 'base64'))

test('a snapshot of layout 2, with its increment, is brought to layout 3', () => {
  expect(splitSnapshots(written).map((part) => part[6])).toEqual([2, 2])
  const raised = fromLayout2(written)
  expect(splitSnapshots(raised).map((part) => part[6])).toEqual([3, 3])
  // Nothing else has changed: three bytes of the full one's end, and of the increment also what it follows.
  expect(raised.length).toBe(written.length)
  const changed = [...raised.keys()].filter((i) => raised[i] !== written[i])
  expect(changed.length).toBeLessThanOrEqual(2 + 3 * 4)
})

test('a detector goes on from it as one that saw all of the log', () => expectToGoOn(written))

test('one that is damaged is refused as such, and not migrated', () => {
  const damaged = Buffer.from(written)
  damaged[400]! ^= 1
  expect(() => openSnapshot(damaged, '')).toThrow(SnapshotDamaged)
})
