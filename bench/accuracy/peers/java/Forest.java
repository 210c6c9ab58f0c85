import com.amazon.randomcutforest.RandomCutForest;
import com.amazon.randomcutforest.config.TransformMethod;
import com.amazon.randomcutforest.parkservices.AnomalyDescriptor;
import com.amazon.randomcutforest.parkservices.ThresholdedRandomCutForest;
import java.util.List;

/** A way to score a series from an empty state, each row before it is learned. */
interface Forest {
    int TREES = 50;
    int SAMPLE = 256;
    long SEED = 42;
    /** OpenSearch's default, with which the thresholded forest is mostly run. */
    int SHINGLE = 8;
    /** More than any score of a forest of this sample size, so that grades come first. */
    double GRADE_FIRST = 100;

    Answer score(List<double[]> rows);

    /** The plain forest with its defaults, on the rows as they are. It has no boundary of its own. */
    static Answer scoreRandomCutForest(List<double[]> rows) {
        RandomCutForest forest = RandomCutForest.builder()
            .dimensions(rows.get(0).length)
            .numberOfTrees(TREES)
            .sampleSize(SAMPLE)
            .randomSeed(SEED)
            .build();
        Answer answer = new Answer();
        for (double[] row : rows) {
            float[] point = toFloats(row);
            double score = forest.getAnomalyScore(point);
            forest.update(point);
            // It says 0 until it has seen a quarter of its sample.
            answer.add(score > 0 ? score : Double.NaN);
        }
        return answer;
    }

    /**
     * The forest with its thresholder, as OpenSearch runs it: normalised values, and shingles where there is one column.
     * A grade above 0 is an anomaly. Rows are ranked by grade, and those of one grade by score: by the score alone it does worse.
     */
    static Answer scoreThresholdedRandomCutForest(List<double[]> rows) {
        int columns = rows.get(0).length;
        int shingle = columns == 1 ? SHINGLE : 1;
        ThresholdedRandomCutForest forest = ThresholdedRandomCutForest.builder()
            .dimensions(columns * shingle)
            .shingleSize(shingle)
            .numberOfTrees(TREES)
            .sampleSize(SAMPLE)
            .randomSeed(SEED)
            .transformMethod(TransformMethod.NORMALIZE)
            .build();
        Answer answer = new Answer();
        for (int i = 0; i < rows.size(); i++) {
            // The row's number stands for its moment: the library wants one that rises.
            AnomalyDescriptor result = forest.process(rows.get(i), i);
            double score = result.getRCFScore();
            double grade = result.getAnomalyGrade();
            answer.add(score > 0 ? GRADE_FIRST * grade + score : Double.NaN, grade > 0);
        }
        return answer;
    }

    /** The forest itself computes with floats. */
    private static float[] toFloats(double[] row) {
        float[] point = new float[row.length];
        for (int i = 0; i < row.length; i++) point[i] = (float) row[i];
        return point;
    }
}
