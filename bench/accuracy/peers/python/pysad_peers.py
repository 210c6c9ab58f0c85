"""PySAD: models with their defaults, scored before they learn."""

import numpy as np
from pysad.models import KNNCAD, LODA

from learning import learning_rows

# Where the model, like its original in NAB, says that it has raised an alarm, and is silent for a while.
KNN_CAD_ALARM = 0.9965
# Below it the model refuses: its windows and neighbours have to fit in.
KNN_CAD_LEAST_LEARNING = 48


def score_loda(rows, training):
    """Sparse random projections with histograms. There is no boundary in its documentation."""
    model = LODA(random_state=42)
    return [model.fit_score_partial(row) for row in rows], None


def score_knn_cad(rows, training):
    """Conformal k nearest neighbours, the detector that stands in NAB's table. It knows one column: of several the highest score counts."""
    learned = max(learning_rows(len(rows), training), KNN_CAD_LEAST_LEARNING)
    scores = np.max([score_column(KNNCAD(learned), column) for column in rows.T], axis=0)
    scores[:learned] = np.nan
    return scores, scores >= KNN_CAD_ALARM


def score_column(model, column):
    return [model.fit_score_partial(value) for value in column.reshape(-1, 1)]
