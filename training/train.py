"""Trains the autoencoder of docs/concepts/models.md and writes it as ONNX with its calibration.

    python train.py --sequences sequences.json --out autoencoder.onnx [--seed 1] [--epochs 40]

`sequences.json` is what `training/export.ts` wrote; the numbers lie beside it in `sequences.f32`. A network of three dense layers
(tanh, a bottleneck in the middle) learns by Adam to give back what it is given; the limits are quantiles of its errors on devices that it
has not seen. The errors are those of detector/src/models/autoencoder.ts: e = s - (R(s) - R(0)).
"""

import argparse
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def parse_arguments():
    parser = argparse.ArgumentParser(description="Trains an autoencoder on sequences of standardised windows.")
    parser.add_argument("--sequences", required=True, help="JSON that training/export.ts wrote")
    parser.add_argument("--out", required=True, help="ONNX file to write; its calibration goes beside it as .json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--bottleneck", type=int, default=12)
    parser.add_argument("--quantile", type=float, default=0.9995, help="share of normal sequences below each limit")
    return parser.parse_args()


def make_layers(sizes, generator):
    """Weights (Glorot and Bengio 2010) and biases of each layer."""
    return [
        (generator.uniform(-1, 1, (m, n)) * np.sqrt(6 / (m + n)), np.zeros(n))
        for m, n in zip(sizes[:-1], sizes[1:])
    ]


def forward(layers, x):
    """What each layer gives: tanh, the last one linear. The first is the input."""
    outputs = [x]
    for i, (weights, bias) in enumerate(layers):
        y = outputs[-1] @ weights + bias
        outputs.append(y if i == len(layers) - 1 else np.tanh(y))
    return outputs


def gradients(layers, outputs, target):
    """Of the mean squared error."""
    delta = 2 * (outputs[-1] - target) / target.size
    found = []
    for i in range(len(layers) - 1, -1, -1):
        found.append((outputs[i].T @ delta, delta.sum(axis=0)))
        if i > 0:
            delta = (delta @ layers[i][0].T) * (1 - outputs[i] ** 2)
    return found[::-1]


def train(layers, data, epochs, generator, rate=1e-3, batch=256):
    """Adam (Kingma and Ba 2015) with its usual constants; the rate falls to a tenth over the epochs."""
    flat = [array for layer in layers for array in layer]
    first = [np.zeros_like(array) for array in flat]
    second = [np.zeros_like(array) for array in flat]
    step = 0
    for epoch in range(epochs):
        order = generator.permutation(len(data))
        total = 0.0
        for start in range(0, len(order), batch):
            x = data[order[start : start + batch]]
            outputs = forward(layers, x)
            total += float(((outputs[-1] - x) ** 2).sum())
            step += 1
            now = rate * 0.1 ** (epoch / epochs)
            for i, gradient in enumerate(g for pair in gradients(layers, outputs, x) for g in pair):
                first[i] = 0.9 * first[i] + 0.1 * gradient
                second[i] = 0.999 * second[i] + 0.001 * gradient**2
                flat[i] -= now * (first[i] / (1 - 0.9**step)) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: mean squared error {total / data.size:.4f}")


def write_onnx(layers, path):
    """The layers as an ONNX graph of Gemm and Tanh: opset 17, IR version 8."""
    nodes, tensors, name = [], [], "sequence"
    for i, (weights, bias) in enumerate(layers):
        tensors += [numpy_helper.from_array(weights.astype(np.float32), f"w{i}"), numpy_helper.from_array(bias.astype(np.float32), f"b{i}")]
        is_last = i == len(layers) - 1
        product = "reconstruction" if is_last else f"y{i}"
        nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [product]))
        if not is_last:
            nodes.append(helper.make_node("Tanh", [product], [f"h{i}"]))
        name = f"h{i}"
    size = layers[0][0].shape[0]
    shape = lambda title: helper.make_tensor_value_info(title, TensorProto.FLOAT, [1, size])
    graph = helper.make_graph(nodes, "autoencoder", [shape("sequence")], [shape("reconstruction")], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    arguments = parse_arguments()
    with open(arguments.sequences, encoding="utf-8") as file:
        described = json.load(file)
    size = described["sequence"] * len(described["features"])
    data = np.fromfile(os.path.splitext(arguments.sequences)[0] + ".f32", dtype="<f4").reshape(-1, size).astype(np.float64)
    training, validation = data[: described["training"]], data[described["training"] :]
    if len(training) < 1000 or len(validation) < 1000:
        raise SystemExit(f"{len(training)} sequences to train on and {len(validation)} to calibrate with are too few: give at least 1,000 of each")
    generator = np.random.default_rng(arguments.seed)
    layers = make_layers([size, arguments.hidden, arguments.bottleneck, arguments.hidden, size], generator)
    train(layers, training, arguments.epochs, generator)

    still = forward(layers, np.zeros((1, size)))[-1]
    errors = ((validation - (forward(layers, validation)[-1] - still)) ** 2).reshape(len(validation), described["sequence"], -1)
    limits = {
        "last": float(np.quantile(np.sqrt(errors[:, -1].mean(axis=1)), arguments.quantile)),
        "sequence": float(np.quantile(np.sqrt(errors.mean(axis=(1, 2))), arguments.quantile)),
    }
    explained = 1 - errors.mean() / (validation**2).mean()
    os.makedirs(os.path.dirname(os.path.abspath(arguments.out)), exist_ok=True)
    write_onnx(layers, arguments.out)
    calibration = {
        "version": 1,
        "sequence": described["sequence"],
        "features": described["features"],
        "limits": limits,
        "quantile": arguments.quantile,
        "trainedOn": {"sequences": len(training), "validation": len(validation), "source": described["source"]},
    }
    with open(os.path.splitext(arguments.out)[0] + ".json", "w", encoding="utf-8") as file:
        json.dump(calibration, file, indent=2)
        file.write("\n")
    print(f"explains {explained:.1%} of the variance of {len(validation)} sequences it has not seen; limits {limits['last']:.3f} (last), {limits['sequence']:.3f} (sequence)")
    print(f"wrote {arguments.out} and its calibration")


if __name__ == "__main__":
    main()
