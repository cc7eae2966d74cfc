package harness

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/**
 * Answers requests, one a line of JSON: {lint: [file…]} says what is wrong with files; {run: file, scenario: {…}} lints
 * one, carries it out, and says what happened. One process serves many: a JVM needs a second to start.
 */
class Main {
    static void main(String[] arguments) {
        System.in.eachLine { line ->
            def request = new JsonSlurper().parseText(line)
            println JsonOutput.toJson(answer(request))
        }
    }

    private static Map answer(Map request) {
        try {
            request.lint ? lint(request.lint) : run(new File(request.run).text, request.scenario)
        } catch (Throwable error) {
            def trace = new StringWriter()
            error.printStackTrace(new PrintWriter(trace))
            [broken: trace.toString()]
        }
    }

    private static Map lint(List<String> files) {
        files.collectEntries { [it, Lint.of(new File(it).text)] }
    }

    private static Map run(String text, Map scenario) {
        def problems = Lint.of(text)
        if (problems) return [result: 'INVALID', problems: problems, log: []]
        def build = new Build(scenario)
        def script = new GroovyShell().parse(text, 'Jenkinsfile')
        script.metaClass.pipeline = { Closure body -> new Engine(build).pipeline(body) }
        script.run()
        [result: build.result, problems: [], log: build.log]
    }
}
