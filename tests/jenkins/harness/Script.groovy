package harness

/**
 * What may stand in `script`: `env.NAME = fileExists('…')`, a variable for the rest of the build, which `when` reads.
 *
 * The value becomes a text, as in Jenkins. Source: EnvActionImpl of workflow-cps, setProperty.
 */
class Script {
    private final Build build

    Script(Build build) {
        this.build = build
    }

    /** `env`, as far as it is written to; the lint lets nothing else be assigned. */
    def getEnv() {
        this
    }

    boolean fileExists(String path) {
        new File(build.folder('fileExists'), path).exists()
    }

    void propertyMissing(String name, Object value) {
        if (build.now.env.containsKey(name)) throw Stopped.failure("script: $name is set around it already")
        build.kept[name] = value as String
    }

    def methodMissing(String name, Object arguments) {
        throw Stopped.failure("script: '$name' is not carried out here")
    }
}
