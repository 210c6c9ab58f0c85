"""How much of a series those learn who need a part of it before they can judge."""


def learning_rows(count, training):
    """The rows given for learning; where none are given, as many as the Numenta benchmark leaves unjudged: 15 %, at most 750."""
    return training if training > 0 else min(max(1, int(0.15 * count)), 750)
