import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { TopologyDriver } from '../../testing/index.ts'
import { peekSnapshot } from '../header.ts'
import { splitSnapshots } from '../split.ts'
import { fromLayout3 } from './from-3.ts'
import { config, expectToGoOn, startMs } from './testing/written-snapshot.ts'

/** A full snapshot and an increment as a detector of layout 3 wrote them, zipped: of two devices, of which d0 went through a labelled fault. */
const written = gunzipSync(Buffer.from([
  'H4sIAAAAAAAAA+1Uv2sVQRCel/PpQ0QCiihYDSlPuUeiyDW5qKCCijERwRBkvZ0ka+5uj929PKM8zV9gZaONtlrYip2K1rZWgq1YWFnL7t0+X36IIiiIbjO7czvfzDez981enjk/dSEAt5LpJNoGcAtZlske',
  '8bPMUEFan9MYH4miKMQFVmXmNDFOCmM0glOPmXTpkPNjiAvETKVIYzyHObECQ0xlVRicD3FRyao8vooxnqQVkRKGKHhGsyInWRmbYzxySXJ240Qm0+WZZeoN3NYvOWUY38JlUXCMUclrlTZXZlKpLFjJFMvJ',
  'kNL2To+p/FKJ8XiIPVFw2cP4WL/vbhlhhCwwjkIsRUmZKAhj5ORIHDakLRNFjIti0UKlzNCiVMLRmg+R1+XHOHZYU6Gluio4hkgrVBjLxsYsSJUzgzGe0fLY0ajr6jNLLsiInLRheYn9EHMySqQ2pGB5Ddq4',
  'QlxhWVW76p2tX6eypOEeaiKOcTdEs6RIL8mMWzDtmhJ3+yEaWdoEnpHGcKvmDLpqqvxaZpmHqMVNsgPo2v73+9CCtYmX+bPV4wD5q9quPVlv16+RxnYAoJAFtQBgJwDoUizTSDDij7ZY+w1aTYC1QQPAPNq2',
  'xiawdurxIN31ztTGdP4yjwZA3yr0lX90tjUI2JuMuzWRxPftej4JsPpifYw/W7hzibMvLiQQtAYw+wBgDnmEYVFl2Xzt/DxZW0w8ROBL3A8Aw+/YAu3wH9tN65QoFrf7NtINYy/sBoCMmCqIW/cuAEgVcWE6',
  'owDgqWyk9qfOgSceeObB+pfxedINqPv7BgTnm2qmEwhcmmY23S1n09k8m8EsOtt/oqX10/TnUU+4s2kD0F5pA7x9cOn27LD6wsx/9f2vvt9V35Z/NC1Ye/i6fubv3vytKuwrn3N2KCR5YP/tAxPJpz1PT324',
  'eW/S39kYU8NdbFS4sVurxMdGHd6/HlaWOt108+Ne/HkZH0s8xD8i4+A3Y78g4+7aHXDff6jCo5tb+02FO7+gwt9hNLppA9C+2wZ49GX3wa+0HaEAFAsAAA==',
].join(''), 'base64'))

test('a snapshot of layout 3, with its increment, is brought to layout 4', () => {
  expect(splitSnapshots(written).map((part) => part[6])).toEqual([3, 3])
  const raised = fromLayout3(written)
  expect(splitSnapshots(raised).map((part) => peekSnapshot(part).version)).toEqual([4, 4])
  expect(raised.length).toBe(written.length)
})

test('a detector goes on from it as one that saw all of the log', () => expectToGoOn(written))

test('a detector that starts models from priors takes it up, and has none yet', () => {
  const restored = new TopologyDriver({ config: { ...config, warmStart: 'Cohort' }, nowMs: startMs })
  expect(restored.topology.restore(written)).toEqual({ nextOffset: 76 })
})
