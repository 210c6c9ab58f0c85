import java.util.ArrayList;
import java.util.List;

/**
 * A series as it comes in a line: {"name": "...", "training": 0, "rows": [[1, 2], ...]}, members in any order.
 *
 * The forest's library brings no JSON parser along, and this much of JSON takes fewer lines than another dependency.
 */
final class SeriesLine {
    private final String text;
    private int at = 0;
    private String name = "";
    private final List<double[]> rows = new ArrayList<>();

    private SeriesLine(String text) {
        this.text = text;
    }

    static SeriesLine parse(String text) {
        SeriesLine line = new SeriesLine(text);
        line.readMembers();
        return line;
    }

    /** Still written as in JSON, without its quotes: it is only given back. */
    String name() {
        return name;
    }

    List<double[]> rows() {
        return rows;
    }

    private void readMembers() {
        expect('{');
        do {
            String key = readString();
            expect(':');
            switch (key) {
                case "name" -> name = readString();
                case "training" -> readNumber();
                case "rows" -> readRows();
                default -> throw new IllegalArgumentException("a series has no member " + key);
            }
        } while (follows(','));
        expect('}');
    }

    private void readRows() {
        expect('[');
        if (follows(']')) return;
        do {
            rows.add(readRow());
        } while (follows(','));
        expect(']');
    }

    private double[] readRow() {
        List<Double> row = new ArrayList<>();
        expect('[');
        do {
            row.add(readNumber());
        } while (follows(','));
        expect(']');
        return row.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private double readNumber() {
        skipBlanks();
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) at++;
        return Double.parseDouble(text.substring(start, at));
    }

    private String readString() {
        expect('"');
        int start = at;
        while (text.charAt(at) != '"') at += text.charAt(at) == '\\' ? 2 : 1;
        return text.substring(start, at++);
    }

    private boolean follows(char wanted) {
        skipBlanks();
        boolean there = at < text.length() && text.charAt(at) == wanted;
        if (there) at++;
        return there;
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) == ' ') at++;
    }

    private void expect(char wanted) {
        if (!follows(wanted)) throw new IllegalArgumentException("no " + wanted + " at character " + at);
    }
}
