import com.amazon.randomcutforest.RandomCutForest;
import com.amazon.randomcutforest.returntypes.DiVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Writes aws-random-cut-forest.csv beside it: scores and attributions of the AWS library, version 4.3.0, each before its row is learned.
 *
 *     mvn dependency:copy -Dartifact=software.amazon.randomcutforest:randomcutforest-core:4.3.0 -DoutputDirectory=JARS
 *     java -cp 'JARS/*' RandomCutForestVector.java
 *
 * Two columns, 10 trees of 64 rows, seed 2024. Numbers are written in full: float32 as its shortest text, the others as doubles.
 */
public final class RandomCutForestVector {
    public static void main(String[] arguments) throws IOException {
        RandomCutForest forest = RandomCutForest.builder()
            .dimensions(2)
            .numberOfTrees(10)
            .sampleSize(64)
            .randomSeed(2024)
            .outputAfter(1)
            .parallelExecutionEnabled(false)
            .build();
        Random random = new Random(11);
        StringBuilder text = new StringBuilder("x0,x1,score,high0,low0,high1,low1\n");
        for (int i = 0; i < 240; i++) {
            float[] point = {(float) random.nextGaussian(), (float) random.nextGaussian()};
            if (i == 150 || i == 200) {
                point[0] = -7;
                point[1] = 9;
            }
            DiVector parts = forest.getAnomalyAttribution(point);
            text.append(point[0]).append(',').append(point[1]).append(',').append(forest.getAnomalyScore(point));
            for (int k = 0; k < 2; k++) text.append(',').append(parts.high[k]).append(',').append(parts.low[k]);
            text.append('\n');
            forest.update(point);
        }
        Files.writeString(Path.of("aws-random-cut-forest.csv"), text);
    }
}
