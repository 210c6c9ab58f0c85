"""Writes the vectors beside it, which the tests of seasonal/ and subspace/ compare with.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.14.6
    VENV/bin/python generate.py

The same versions write the same files.
"""

import json
import pathlib

import numpy
import scipy
import statsmodels
from scipy import stats
from statsmodels.tsa.holtwinters import ExponentialSmoothing

PINNED = {"numpy": (numpy, "2.4.6"), "scipy": (scipy, "1.17.1"), "statsmodels": (statsmodels, "0.14.6")}
FOLDER = pathlib.Path(__file__).parent


def main():
    for name, (module, version) in PINNED.items():
        if module.__version__ != version:
            raise SystemExit(f"generate.py: {name} is {module.__version__}, not {version}: install the versions named at the top")
    write("holt-winters.json", {"cases": [holt_winters(*case) for case in HOLT_WINTERS]})
    write("quantiles.json", {"normal": normal_quantiles(), "f": f_quantiles()})
    write("subspace.json", {"cases": [subspace(*case) for case in SUBSPACE]})


# name, period, alpha, beta, gamma, level, trend, slope of the series, seed
HOLT_WINTERS = [
    ("a week of days", 7, 0.3, 0.1, 0.2, 20.0, 0.0, 0.05, 1),
    ("a day of hours, slow", 24, 0.04, 0.016, 0.1, -5.0, 0.2, 0.0, 2),
    ("fast, without a trend in it", 4, 0.9, 0.5, 0.05, 0.0, 0.0, 0.0, 3),
    ("two places", 2, 0.5, 0.05, 0.4, 1e6, -10.0, -8.0, 4),
]


def holt_winters(name, period, alpha, beta, gamma, level, trend, slope, seed):
    """One-step forecasts of statsmodels' additive recursion with everything fixed."""
    random = numpy.random.default_rng(seed)
    season = numpy.round(3 * numpy.sin(2 * numpy.pi * numpy.arange(period) / period) + random.normal(size=period), 3)
    t = numpy.arange(4 * period + 10)
    values = numpy.round(level + slope * t + season[t % period] + random.normal(size=len(t)), 3)
    model = ExponentialSmoothing(
        values, trend="add", seasonal="add", seasonal_periods=period, initialization_method="known",
        initial_level=level, initial_trend=trend, initial_seasonal=season,
    )
    fit = model.fit(smoothing_level=alpha, smoothing_trend=beta, smoothing_seasonal=gamma, optimized=False)
    return {
        "name": name, "period": period, "alpha": alpha, "beta": beta, "gamma": gamma, "level": level, "trend": trend,
        "season": season.tolist(), "values": values.tolist(), "forecasts": fit.fittedvalues.tolist(),
    }


def normal_quantiles():
    p = [1e-12, 1e-6, 1e-3, 0.01, 0.025, 0.3, 0.5, 0.7, 0.95, 0.999, 0.9999, 1 - 1e-6, 1 - 1e-9]
    return [{"p": q, "z": float(stats.norm.ppf(q))} for q in p]


def f_quantiles():
    """By the upper tail, which has more digits than 1 - p near 1."""
    freedoms = [(1, 1), (1, 9), (2, 3), (3, 27), (5, 24.5), (6, 494), (39, 461), (39, 2), (10, 9990)]
    tails = [0.5, 0.05, 1e-3, 1e-4, 1e-6]
    return [{"m": m, "n": n, "tail": q, "f": float(stats.f.isf(q, m, n))} for m, n in freedoms for q in tails]


# features, components, vectors, seed
SUBSPACE = [(3, 1, 60, 1), (6, 2, 200, 2), (8, 5, 100, 3)]


def subspace(features, components, vectors, seed):
    """T2, Q and the squared limits of a batch principal component model of correlated rows, and of three new rows."""
    random = numpy.random.default_rng(seed)
    mixing = random.normal(size=(features, features))
    rows = numpy.round(random.normal(size=(vectors, features)) @ mixing, 4)
    new = numpy.round(random.normal(size=(3, features)) @ mixing * 2, 4)
    mean = rows.mean(axis=0)
    values, directions = numpy.linalg.eigh(numpy.cov(rows, rowvar=False))
    values, directions = values[::-1], directions[:, ::-1]
    kept = directions[:, :components]
    t2, q = [], []
    for row in new - mean:
        scores = kept.T @ row
        t2.append(float((scores**2 / values[:components]).sum()))
        q.append(float(((row - kept @ scores) ** 2).sum()))
    tail = 1e-3
    m, n = components, vectors
    t2_limit = m * (n - 1) * (n + 1) / (n * (n - m)) * stats.f.isf(tail, m, n - m)
    th1, th2, th3 = ((values[m:] ** i).sum() for i in (1, 2, 3))
    h0 = 1 - 2 * th1 * th3 / (3 * th2**2)
    c = stats.norm.isf(tail)
    q_limit = th1 * (1 + c * h0 * numpy.sqrt(2 * th2) / th1 + th2 * h0 * (h0 - 1) / th1**2) ** (1 / h0)
    return {
        "components": m, "tail": tail, "rows": rows.tolist(), "new": new.tolist(), "eigenvalues": values.tolist(),
        "t2": t2, "q": q, "t2Limit": float(t2_limit), "qLimit": float(q_limit),
    }


def write(name, content):
    (FOLDER / name).write_text(json.dumps(content, separators=(",", ":")).replace('{"', '\n{"') + "\n")


if __name__ == "__main__":
    main()
