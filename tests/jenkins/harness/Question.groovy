package harness

/**
 * An `input` directive: who is asked, who answers.
 *
 * As in Jenkins, an answer of somebody who is not a submitter is refused and the build goes on waiting; when nobody
 * else answers, the stage's timeout ends it.
 */
class Question {
    private final Build build
    private final Map said

    Question(Build build, Closure body) {
        this.build = build
        said = Block.read(build, body).directives.collectEntries { [it.name, it.arguments[0] as String] }
    }

    /** Wait for an answer and return the variables that it brings. */
    Map<String, String> ask() {
        build.note('input', [message: said.message])
        for (answer in (build.scenario.inputs ?: [])) {
            if (!maySubmit(answer.by)) {
                build.note('refused', [by: answer.by])
                continue
            }
            build.note('answer', [by: answer.by, approve: answer.approve])
            if (!answer.approve) throw Stopped.aborted("Rejected by ${answer.by}")
            return said.submitterParameter ? [(said.submitterParameter): answer.by] : [:]
        }
        if (build.now.deadline == null) throw Stopped.failure('input: nobody answers, and no timeout ends it')
        throw Stopped.aborted('Timeout has been exceeded: nobody who may has answered')
    }

    private boolean maySubmit(String person) {
        def submitters = said.submitter.split(',')*.trim()
        def groups = build.scenario.users[person] ?: []
        person in submitters || groups.any { it in submitters }
    }
}
