"""Writes the vectors beside it that begin with a peer's name: what river, rrcf and libspot say of small made-up data.

    python3 -m venv VENV && VENV/bin/pip install -r requirements-peers.txt
    VENV/bin/python generate-peers.py

The same versions write the same files. Inputs are rounded before they are used, so what is written is what the peer was given.
libspot is under the LGPL and run as a peer only; river is under BSD-3, rrcf under MIT.
"""

import importlib.metadata
import json
import pathlib

import libspot
import numpy
import rrcf
from river import anomaly, drift
from river.tree.base import Leaf

FOLDER = pathlib.Path(__file__).parent


def main():
    for line in (FOLDER / "requirements-peers.txt").read_text().split():
        name, version = line.split("==")
        if importlib.metadata.version(name) != version:
            raise SystemExit(f"generate-peers.py: {name} is {importlib.metadata.version(name)}, not {version}: install requirements-peers.txt")
    write("river-half-space-trees.json", half_space_trees(seed=17))
    write("rrcf-displacement.json", displacement(seed=23))
    write("river-drift.json", drift_detectors(seed=31))
    write("libspot-trace.json", spot(seed=43))


def write(name, vector):
    text = json.dumps(vector, separators=(",", ":"))
    (FOLDER / name).write_text(text + "\n")
    print(f"{name}: {len(text) + 1} bytes")


def half_space_trees(seed):
    """Scores of rows before they are learned, with the trees as they were drawn; two of the rows lie apart."""
    random = numpy.random.default_rng(seed)
    rows = numpy.clip(numpy.round(random.normal([0.5, 0.3], [0.1, 0.05], (150, 2)), 6), 0, 1)
    rows[[90, 130]] = [0.98, 0.97], [0.03, 0.9]
    forest = anomaly.HalfSpaceTrees(n_trees=5, height=4, window_size=50, seed=seed)
    scores = []
    for row in rows.tolist():
        x = dict(zip("ab", row))
        scores.append(forest.score_one(x))
        forest.learn_one(x)
    params = {"n_trees": 5, "height": 4, "window_size": 50, "size_limit": forest.size_limit}
    return {
        "source": "river 0.26.1 anomaly.HalfSpaceTrees", "params": params, "features": ["a", "b"],
        "trees": [dump_half_spaces(tree) for tree in forest.trees], "X": rows.tolist(), "scores": scores,
    }


def dump_half_spaces(node):
    if isinstance(node, Leaf):
        return {}
    left, right = node.children
    return {"f": node.feature, "t": node.threshold, "l": dump_half_spaces(left), "r": dump_half_spaces(right)}


def displacement(seed):
    """Displacement and collusive displacement of every leaf of one tree, in which a far point was inserted and another forgotten."""
    random = numpy.random.default_rng(seed)
    tree = rrcf.RCTree(numpy.round(random.normal(size=(48, 3)), 6), random_state=seed)
    tree.insert_point(numpy.array([6.0, 6.0, 6.0]), index=48)
    tree.forget_point(5)
    return {
        "source": "rrcf 0.4.4 RCTree", "tree": tree.to_dict(),
        "disp": {str(i): int(tree.disp(i)) for i in tree.leaves}, "codisp": {str(i): float(tree.codisp(i)) for i in tree.leaves},
    }


def drift_detectors(seed):
    """Where ADWIN and Page-Hinkley see a step, and ADWIN's window on the way: [row, width, mean, sum of squared deviations]."""
    random = numpy.random.default_rng(seed)
    numbers = numpy.round(numpy.repeat([0.4, 0.75, 0.3], 900) + random.uniform(-0.1, 0.1, 2700), 6).tolist()
    adwin = drift.ADWIN(delta=0.002)
    page_hinkley = drift.PageHinkley(min_instances=30, delta=0.005, threshold=5.0, alpha=0.9999, mode="both")
    found, steps, windows = [], [], []
    for i, number in enumerate(numbers):
        adwin.update(number)
        page_hinkley.update(number)
        if adwin.drift_detected:
            found.append(i)
        if page_hinkley.drift_detected:
            steps.append(i)
        if i % 200 == 199:
            windows.append([i, adwin.width, adwin.estimation, adwin.variance])
    return {
        "source": "river 0.26.1 drift", "X": numbers,
        "adwin": {"delta": 0.002, "detections": found, "widths": windows},
        "pageHinkley": {"min_instances": 30, "delta": 0.005, "threshold": 5.0, "alpha": 0.9999, "mode": "both", "detections": steps},
    }


def spot(seed):
    """The limit of a stream of exponential numbers with two that lie apart, after the fit and every 100 numbers."""
    random = numpy.random.default_rng(seed)
    first = numpy.round(random.exponential(size=2000), 5)
    stream = numpy.round(random.exponential(size=2000), 5)
    stream[[500, 1500]] = 25.0
    detector = libspot.Spot(q=1e-3, level=0.98)
    detector.fit(first)
    # What the first limit was fitted to: peaks over libspot's own tail, whose edge is a streaming quantile.
    excesses = [float(excess) for excess in detector.excesses()]
    trace, alarms = [describe(detector, -1)], []
    for i, number in enumerate(stream.tolist()):
        if detector.step(number) == libspot.ANOMALY:
            alarms.append(i)
        if i % 100 == 99:
            trace.append(describe(detector, i))
    return {
        "source": "libspot 3.1.0", "q": 1e-3, "level": 0.98, "init": first.tolist(), "stream": stream.tolist(),
        "excesses": excesses, "trace": trace, "anomalies": alarms,
    }


def describe(detector, i):
    return {
        "i": i, "z": detector.anomaly_threshold, "t": detector.excess_threshold, "gamma": detector.gamma, "sigma": detector.sigma,
        "n": detector.n, "Nt": detector.Nt,
    }


if __name__ == "__main__":
    main()
