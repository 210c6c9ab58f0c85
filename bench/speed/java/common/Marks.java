/** What the benchmark waits for on the standard output. */
public final class Marks {
    private Marks() {}

    /** The first record is here: `first 1789000000000`, milliseconds since the epoch. */
    public static void sayFirst() {
        System.out.println("first " + System.currentTimeMillis());
        System.out.flush();
    }
}
