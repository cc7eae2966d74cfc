package harness

/** A `parameters` block: what the build was started with, else the defaults; each is a variable too, as in Jenkins. */
class Parameters {
    static Map<String, String> read(Build build, List<Map> said) {
        def given = build.scenario.parameters ?: [:]
        def unknown = given.keySet() - said.collect { it.arguments[0].name }
        if (unknown) throw Stopped.failure("parameters: $unknown are not declared")
        said.collectEntries { [it.arguments[0].name, one(it.name, it.arguments[0], given)] }
    }

    private static String one(String kind, Map said, Map given) {
        def value = given.containsKey(said.name) ? given[said.name] : kind == 'choice' ? said.choices[0] : said.defaultValue
        if (kind == 'choice' && !(value in said.choices)) {
            throw Stopped.failure("parameters: ${said.name}: '$value' is none of ${said.choices}")
        }
        value ?: ''
    }
}
