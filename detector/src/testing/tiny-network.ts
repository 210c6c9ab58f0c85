import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Calibration } from '../models/autoencoder/network.ts'

/** Bytes of a protocol buffer's message, field by field (https://protobuf.dev/programming-guides/encoding). */
class Message {
  readonly #parts: Buffer[] = []

  int(field: number, value: number): this {
    this.#parts.push(varint(field * 8), varint(value))
    return this
  }

  bytes(field: number, value: Message | Uint8Array | string): this {
    const bytes = value instanceof Message ? value.toBytes() : Buffer.from(value as Uint8Array)
    this.#parts.push(varint(field * 8 + 2), varint(bytes.length), bytes)
    return this
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}

const float = 1

/**
 * An ONNX file of one product, `reconstruction = sequence x weights`, as a network of any training would be (onnx.proto3, IR version 8, opset 17).
 *
 * @param weights size x size, row by row.
 */
export function buildOnnx(size: number, weights: Float32Array): Buffer {
  const shape = [1, size].reduce((message, dimension) => message.bytes(1, new Message().int(1, dimension)), new Message())
  const value = (name: string) => new Message().bytes(1, name).bytes(2, new Message().bytes(1, new Message().int(1, float).bytes(2, shape)))
  const tensor = new Message().int(1, size).int(1, size).int(2, float).bytes(8, 'weights').bytes(9, new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))
  const node = new Message().bytes(1, 'sequence').bytes(1, 'weights').bytes(2, 'reconstruction').bytes(3, 'product').bytes(4, 'MatMul')
  const graph = new Message().bytes(1, node).bytes(2, 'tiny').bytes(5, tensor).bytes(11, value('sequence')).bytes(12, value('reconstruction'))
  return new Message().int(1, 8).bytes(7, graph).bytes(8, new Message().bytes(1, '').int(2, 17)).toBytes()
}

/** Weights with which each vector is reconstructed as the mean of the sequence: all that a network without training can know. */
export function averageOver(sequence: number, dimension: number): Float32Array {
  const size = sequence * dimension
  const weights = new Float32Array(size * size)
  for (let from = 0; from < size; from++) for (let to = from % dimension; to < size; to += dimension) weights[from * size + to] = 1 / sequence
  return weights
}

/** Writes such a network with its calibration into a folder of its own. @returns path of the ONNX file. */
export function writeTinyNetwork(features: readonly string[], sequence: number, limits: Calibration['limits'] = { last: 2.5, sequence: 2 }): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tidewatch-network-')), 'tiny.onnx')
  const calibration: Calibration = { version: 1, sequence, features, limits, quantile: 0.999, trainedOn: { sequences: 0, validation: 0, source: 'the mean of the sequence' } }
  writeFileSync(path, buildOnnx(sequence * features.length, averageOver(sequence, features.length)))
  writeFileSync(path.replace(/\.onnx$/, '.json'), JSON.stringify(calibration))
  return path
}
