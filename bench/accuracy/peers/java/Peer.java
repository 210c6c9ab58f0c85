import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Scores series with a forest of AWS: `Peer PEER` reads a series a line and writes its scores a line, until its input ends.
 *
 * The lines are those of ../python/runner.py. The first line out is {"ready": PEER}.
 */
public final class Peer {
    public static void main(String[] arguments) throws IOException {
        Forest forest = forestOf(arguments[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 20);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        // Only answers belong on the standard output; a library that prints does so elsewhere.
        System.setOut(System.err);
        say(out, "{\"ready\":\"" + arguments[0] + "\"}");
        for (String line = in.readLine(); line != null; line = in.readLine()) say(out, answer(forest, line));
    }

    private static Forest forestOf(String peer) {
        return switch (peer) {
            case "aws-random-cut-forest" -> Forest::scoreRandomCutForest;
            case "aws-thresholded-random-cut-forest" -> Forest::scoreThresholdedRandomCutForest;
            default -> throw new IllegalArgumentException(peer + " is no peer of this runner");
        };
    }

    private static String answer(Forest forest, String line) {
        SeriesLine series = SeriesLine.parse(line);
        try {
            long startedNs = System.nanoTime();
            Answer answer = forest.score(series.rows());
            double seconds = (System.nanoTime() - startedNs) / 1e9;
            return "{\"name\":\"" + series.name() + "\"," + answer.toMembers() + ",\"seconds\":" + seconds + "}";
        } catch (RuntimeException error) {
            // Told to whoever asked, with the series' name; the next one may do. A class name needs no escapes, a message would.
            error.printStackTrace();
            return "{\"name\":\"" + series.name() + "\",\"error\":\"" + error.getClass().getName() + "\"}";
        }
    }

    private static void say(PrintStream out, String line) {
        out.print(line);
        out.print('\n');
        out.flush();
    }
}
