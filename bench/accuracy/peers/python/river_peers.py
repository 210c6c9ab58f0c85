"""river: detectors with their defaults and the scaler and filter of their documentation's examples, scored before they learn."""

import math

from river import anomaly, preprocessing


def score_half_space_trees(rows, training):
    """HalfSpaceTrees behind a MinMaxScaler; a score at or above the 95 % quantile of those before is an anomaly."""
    trees = anomaly.HalfSpaceTrees(seed=42)
    # It learns anomalies too: kept from them, as in the example, its windows forget the tails and it found nothing at all in NAB.
    model = anomaly.QuantileFilter(trees, q=0.95, protect_anomaly_detector=False)
    return score_and_learn(preprocessing.MinMaxScaler(), model, rows, warm_up=trees.window_size)


def score_one_class_svm(rows, training):
    """OneClassSVM behind a StandardScaler; a score at or above the 99.5 % quantile of those before is an anomaly, and is not learned."""
    model = anomaly.QuantileFilter(anomaly.OneClassSVM(nu=0.2), q=0.995)
    return score_and_learn(preprocessing.StandardScaler(), model, rows, warm_up=1)


def score_and_learn(scaler, model, rows, warm_up):
    scores, flags = [], []
    for i, row in enumerate(rows.tolist()):
        x = {f"x{column:02}": value for column, value in enumerate(row)}
        scaler.learn_one(x)
        x = scaler.transform_one(x)
        score = model.score_one(x)
        # Half-space trees score 0 in their first window, which reads as "normal".
        is_ready = i >= warm_up
        scores.append(score if is_ready else math.nan)
        flags.append(is_ready and model.classify(score))
        model.learn_one(x)
    return scores, flags
