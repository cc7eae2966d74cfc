package harness

/** Why a build goes no further: FAILURE of a step, or ABORTED by a person or a timeout. */
class Stopped extends RuntimeException {
    final String result

    Stopped(String result, String why) {
        super(why)
        this.result = result
    }

    static Stopped failure(String why) {
        new Stopped('FAILURE', why)
    }

    static Stopped aborted(String why) {
        new Stopped('ABORTED', why)
    }
}
