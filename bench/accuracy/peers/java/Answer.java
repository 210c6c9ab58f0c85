/** The scores of a series, and what the peer calls an anomaly, as JSON. */
final class Answer {
    private final StringBuilder scores = new StringBuilder();
    private final StringBuilder flags = new StringBuilder();

    /** A row's score: NaN where it cannot be judged yet. For a peer without a boundary of its own. */
    void add(double score) {
        if (scores.length() > 0) scores.append(',');
        scores.append(Double.isNaN(score) ? "null" : Double.toString(score));
    }

    void add(double score, boolean isAnomaly) {
        add(score);
        if (flags.length() > 0) flags.append(',');
        flags.append(isAnomaly ? '1' : '0');
    }

    String toMembers() {
        return "\"scores\":[" + scores + "],\"flags\":" + (flags.length() > 0 ? "[" + flags + "]" : "null");
    }
}
