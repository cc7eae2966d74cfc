package harness

/** The steps that a block of steps may call. Any other name fails the build, as a missing plugin does in Jenkins. */
class Steps {
    private final Build build
    private final Reports reports

    Steps(Build build) {
        this.build = build
        reports = new Reports(build)
    }

    static void run(Build build, Closure body) {
        Block.run(body, new Steps(build))
    }

    Map getEnv() { build.env }

    String getScm() { 'scm' }

    void sh(String script) { new Shell(build).run(script) }

    void sh(Map given) {
        def unknown = given.keySet() - ['script', 'label']
        if (unknown) throw Stopped.failure("sh: $unknown is not carried out here")
        sh(given.script as String)
    }

    void echo(Object text) { build.note('echo', [output: build.mask(text as String)]) }

    void error(String why) { throw Stopped.failure(why) }

    void checkout(String what) { new Workspace(build).checkout() }

    void deleteDir() { build.folder('deleteDir').deleteDir() }

    void cleanWs() { deleteDir() }

    void junit(Map given) { reports.junit(given) }

    void junit(String results) { reports.junit([testResults: results]) }

    void recordIssues(Map given) { reports.recordIssues(given) }

    void archiveArtifacts(Map given) { reports.archive(given) }

    void archiveArtifacts(String artifacts) { reports.archive([artifacts: artifacts]) }

    void copyArtifacts(Map given) { reports.copyArtifacts(given) }

    void stash(Map given) { reports.stash(given) }

    void unstash(String name) { reports.unstash(name) }

    Map string(Map given) { [kind: 'string'] + given }

    Map file(Map given) { [kind: 'file'] + given }

    Map gitUsernamePassword(Map given) { [kind: 'gitUsernamePassword'] + given }

    Map sarif(Map given) { given }

    void withCredentials(List<Map> bindings, Closure body) {
        new Credentials(build).bound(bindings) { Steps.run(build, body) }
    }

    void dir(String path, Closure body) {
        def folder = new File(build.folder('dir'), path)
        folder.mkdirs()
        build.within([dir: folder]) { Steps.run(build, body) }
    }

    void timeout(Map given, Closure body) {
        Options.timeout(build, given) { Steps.run(build, body) }
    }

    void lock(Object given, Closure body) {
        Options.lock(build, given) { Steps.run(build, body) }
    }

    void script(Closure body) { Block.run(body, new Script(build)) }

    def methodMissing(String name, Object arguments) {
        throw Stopped.failure("No such DSL method '$name' found among steps")
    }

    def propertyMissing(String name) {
        throw Stopped.failure("No such property: $name")
    }
}
