"""scikit-learn: a forest trained once, at the beginning of each series."""

import numpy as np
from sklearn.ensemble import IsolationForest

from learning import learning_rows


def score_isolation_forest(rows, training):
    """IsolationForest with its defaults. What it predicts to be an outlier is an anomaly."""
    learned = learning_rows(len(rows), training)
    forest = IsolationForest(random_state=42).fit(rows[:learned])
    scores = -forest.score_samples(rows)
    scores[:learned] = np.nan
    return scores, scores > -forest.offset_
