package harness

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** Lints a Jenkinsfile, carries it out for one scenario, and writes what happened: JENKINSFILE SCENARIO.json RESULT.json. */
class Main {
    static void main(String[] arguments) {
        def (jenkinsfile, scenario, result) = arguments.collect { new File(it) }
        def problems = Lint.of(jenkinsfile.text)
        def found = [result: 'INVALID', problems: problems, log: []]
        if (!problems) found += run(jenkinsfile.text, new JsonSlurper().parse(scenario) as Map)
        result.text = JsonOutput.toJson(found)
    }

    private static Map run(String text, Map scenario) {
        def build = new Build(scenario)
        def script = new GroovyShell().parse(text, 'Jenkinsfile')
        script.metaClass.pipeline = { Closure body -> new Engine(build).pipeline(body) }
        script.run()
        [result: build.result, log: build.log]
    }
}
