"""Scores series with one peer: `runner.py PEER` reads a series a line and writes its scores a line, until its input ends.

In, as JSON: {"name": ..., "training": n, "rows": [[...], ...]}. Out: {"name": ..., "scores": [number or null, ...],
"flags": [0 or 1, ...] or null, "seconds": what scoring took}, or {"name": ..., "error": ...}. The first line out is {"ready": PEER}.

A peer is a function of the rows, as an array, and the number of rows given for learning. It gives a score for each row, NaN where it cannot
judge yet, and which rows it calls anomalies, or None where its documentation names no boundary.
"""

import importlib
import json
import os
import sys
import time
import warnings

# One core for each peer, as every contender has. Set before NumPy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

PEERS = {
    "pysad-knn-cad": ("pysad_peers", "score_knn_cad"),
    "pysad-loda": ("pysad_peers", "score_loda"),
    "river-half-space-trees": ("river_peers", "score_half_space_trees"),
    "river-one-class-svm": ("river_peers", "score_one_class_svm"),
    "rrcf": ("rrcf_peer", "score_robust_random_cut_forest"),
    "scikit-learn-isolation-forest": ("scikit_learn_peer", "score_isolation_forest"),
}


def answer(score, line):
    series = json.loads(line)
    rows = np.array(series["rows"], dtype=float)
    started = time.perf_counter()
    try:
        scores, flags = score(rows, series["training"])
    except Exception as error:  # Told to whoever asked, with the series' name; the next one may do.
        return {"name": series["name"], "error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - started
    return {
        "name": series["name"],
        # JSON has no NaN and no infinity.
        "scores": [None if np.isnan(value) else float(np.clip(value, -1e300, 1e300)) for value in scores],
        "flags": None if flags is None else [int(flag) for flag in flags],
        "seconds": seconds,
    }


def main():
    # Only answers belong on the standard output; a library that prints does so elsewhere.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    module, name = PEERS[sys.argv[1]]
    score = getattr(importlib.import_module(module), name)
    print(json.dumps({"ready": sys.argv[1]}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(score, line)), file=out, flush=True)


if __name__ == "__main__":
    main()
