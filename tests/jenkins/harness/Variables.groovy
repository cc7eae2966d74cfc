package harness

/** An `environment` block: NAME = value, each value able to use the variables before it. */
class Variables {
    private final Map surrounding
    private final Map params
    private final Map<String, String> found = [:]

    private Variables(Map surrounding, Map params) {
        this.surrounding = surrounding
        this.params = params
    }

    static Map<String, String> read(Build build, Closure body) {
        def variables = new Variables(build.env, build.parameters)
        Block.run(body, variables)
        variables.found
    }

    Map getEnv() {
        surrounding + found
    }

    Map getParams() {
        params
    }

    def propertyMissing(String name) {
        if (env.containsKey(name)) return env[name]
        throw Stopped.failure("environment: no such variable: $name")
    }

    void propertyMissing(String name, Object value) {
        found[name] = value as String
    }

    def methodMissing(String name, Object arguments) {
        throw Stopped.failure("environment: '$name' is not carried out here")
    }
}
