import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { falseAlarmRate } from '../../threshold/false-alarm-rate.ts'
import { fitParetoTail, tailQuantile } from '../../threshold/generalized-pareto.ts'
import { adwin } from '../drift/adwin.ts'
import { pageHinkley } from '../drift/page-hinkley.ts'
import type { Forest } from '../half-space-trees/forest.ts'
import { Masses } from '../half-space-trees/masses.ts'
import { collusiveDisplacement, displacement } from '../random-cut-forest/displacement.ts'
import { replayAwsForest } from './aws-replay.ts'
import { readRrcfTree, type RrcfNode } from './rrcf-dump.ts'

const readText = (name: string): string => readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')
/** A vector that `vectors/generate-peers.py` wrote. */
const read = <T>(name: string): T => JSON.parse(readText(name)) as T

test("our forest's parts with the chance of AWS' forest give its scores and attributions of 240 rows", () => {
  // Written by vectors/RandomCutForestVector.java.
  const rows = readText('aws-random-cut-forest.csv').trim().split('\n').slice(1).map((line) => line.split(',').map(Number))
  const ours = replayAwsForest({ seed: 2024n, dimensions: 2, trees: 10, sampleSize: 64 }, rows.map(([x0, x1]) => Float32Array.of(x0!, x1!)))
  expect(ours).toEqual(rows.map(([, , score, ...parts]): unknown => ({ score: expect.closeTo(score!, 7), attribution: parts.map((part): unknown => expect.closeTo(part, 7)) })))
  expect(ours).toHaveLength(240)
})

type HalfSpace = { f?: undefined } | { f: string; t: number; l: HalfSpace; r: HalfSpace }

interface HalfSpaceVector {
  params: { n_trees: number; height: number; window_size: number }
  features: string[]
  trees: HalfSpace[]
  X: number[][]
  scores: number[]
}

test("half-space trees drawn by river give river's scores of 150 rows", () => {
  const { params, features, trees, X, scores } = read<HalfSpaceVector>('river-half-space-trees.json')
  const masses = new Masses(loadHalfSpaces(params.height, features, trees), params.window_size)
  X.forEach((row, i) => {
    const x = Float64Array.from(row)
    // River says 0 while its first window fills; we say nothing then.
    if (i >= params.window_size) expect(1 - masses.massOf(x), `row ${i}`).toBeCloseTo(scores[i]!, 12)
    masses.add(x)
    if (masses.filled === params.window_size) masses.refer()
  })
  expect(scores).toHaveLength(150)
  expect(Math.max(...scores)).toBe(scores[130])
})

/** River's trees have no work range of their own: they hold any point. */
function loadHalfSpaces(height: number, features: readonly string[], trees: readonly HalfSpace[]): Forest {
  const [nodes, dimension] = [2 ** height, features.length]
  const forest: Forest = {
    trees: trees.length, height, dimension,
    features: new Uint16Array(trees.length * nodes),
    thresholds: new Float64Array(trees.length * nodes),
    low: new Float64Array(trees.length * dimension).fill(-Infinity),
    high: new Float64Array(trees.length * dimension).fill(Infinity),
  }
  const load = (offset: number, node: number, branch: HalfSpace): void => {
    if (branch.f === undefined) return
    forest.features[offset + node] = features.indexOf(branch.f)
    forest.thresholds[offset + node] = branch.t
    load(offset, 2 * node, branch.l)
    load(offset, 2 * node + 1, branch.r)
  }
  trees.forEach((tree, i) => load(i * nodes, 1, tree))
  return forest
}

interface CutVector {
  tree: RrcfNode
  disp: Record<string, number>
  codisp: Record<string, number>
}

test("every leaf of a tree of rrcf's has rrcf's displacement and collusive displacement", () => {
  const vector = read<CutVector>('rrcf-displacement.json')
  const { tree, leafByIndex } = readRrcfTree(vector.tree)
  const ofAll = (measure: typeof displacement) => Object.fromEntries([...leafByIndex].map(([index, leaf]) => [index, measure(tree, leaf)]))
  expect(ofAll(displacement)).toEqual(vector.disp)
  expect(ofAll(collusiveDisplacement)).toEqual(vector.codisp)
  expect(leafByIndex.size).toBe(48)
})

interface DriftVector {
  X: number[]
  adwin: { delta: number; detections: number[]; widths: [row: number, width: number, mean: number, variance: number][] }
  pageHinkley: { min_instances: number; delta: number; threshold: number; alpha: number; detections: number[] }
}

test("ADWIN sees the steps where river's does, with its window on the way", () => {
  const { X, adwin: river } = read<DriftVector>('river-drift.json')
  const detector = adwin({ delta: river.delta }).create()
  const windows: number[][] = []
  const detections: number[] = []
  X.forEach((x, i) => {
    if (detector.observe(x)) detections.push(i)
    if (i % 200 === 199) windows.push([i, detector.width, detector.mean, detector.variance])
  })
  expect(detections).toEqual(river.detections)
  expect(windows).toEqual(river.widths.map(([i, width, mean, variance]): unknown[] => [i, width, expect.closeTo(mean, 14), expect.closeTo(variance, 11)]))
})

test("Page-Hinkley sees the steps where river's does", () => {
  const { X, pageHinkley: river } = read<DriftVector>('river-drift.json')
  const detector = pageHinkley({ minInstances: river.min_instances, delta: river.delta, threshold: river.threshold, alpha: river.alpha }).create()
  expect(X.flatMap((x, i) => (detector.observe(x) ? [i] : []))).toEqual(river.detections)
})

interface SpotVector {
  q: number
  level: number
  init: number[]
  stream: number[]
  excesses: number[]
  trace: { i: number; z: number; t: number; gamma: number; sigma: number; n: number; Nt: number }[]
  anomalies: number[]
}

test("the tail fitted to libspot's own excesses is libspot's, and so is the limit", () => {
  const { q, excesses, trace } = read<SpotVector>('libspot-trace.json')
  const { z, t, gamma, sigma, n, Nt } = trace[0]!
  const tail = fitParetoTail(Float64Array.from(excesses), excesses.length)
  expect(tail).toEqual({ shape: expect.closeTo(gamma, 8), scale: expect.closeTo(sigma, 8) })
  expect(t + tailQuantile(tail, (q * n) / Nt)).toBeCloseTo(z, 8)
})

test("SPOT's alarms are libspot's, and its limit is to 1.5 % all along", () => {
  const { q, level, init, stream, trace, anomalies } = read<SpotVector>('libspot-trace.json')
  const threshold = falseAlarmRate(q, { level, calibration: init.length, gain: 0, leastShape: -1 }).create()
  for (const score of init) threshold.observe(score)
  const limits = new Map([[-1, threshold.limit()!]])
  const alarms: number[] = []
  stream.forEach((score, i) => {
    if (score > threshold.limit()!) alarms.push(i)
    threshold.observe(score)
    limits.set(i, threshold.limit()!)
  })
  expect(alarms).toEqual(anomalies)
  expect(trace).toHaveLength(21)
  // Libspot's tail begins at a streaming quantile, ours at the exact one. The fit itself is the same.
  for (const { i, z } of trace) expect(Math.abs(limits.get(i)! / z - 1), `after ${i}`).toBeLessThan(0.015)
})
