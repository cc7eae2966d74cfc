package harness

/** Carries out a declarative pipeline stage by stage. */
class Engine {
    private final Build build
    private Set<String> options = []

    Engine(Build build) {
        this.build = build
    }

    void pipeline(Closure body) {
        def top = Block.read(build, body)
        def said = top.inner('options')
        options = said*.name as Set
        try {
            build.started(Parameters.read(build, top.inner('parameters')))
            Options.around(build, said) {
                new Workspace(build).around(top, options) {
                    def variables = top.one('environment') ? Variables.read(build, top.one('environment').body) : [:]
                    build.within([env: variables]) { finished(top) { stages(top) } }
                }
            }
        } catch (Stopped stopped) {
            build.stop(stopped)
        }
    }

    void stages(Block block) {
        block.inner('stages').each { said -> stage(said.arguments[0] as String, said.body) }
    }

    /** Run every branch, whatever the others come to; here one after the other. */
    void parallel(Block block) {
        def before = build.result
        def results = block.inner('parallel').collect { said ->
            build.result = before
            stage(said.arguments[0] as String, said.body)
            build.result
        }
        results.each { build.worsen(it) }
    }

    /** Run `body`, and then what the block's `post` has for how the build stands. */
    void finished(Block block, Closure body) {
        try {
            body()
        } catch (Stopped stopped) {
            build.stop(stopped)
        }
        if (block.one('post')) new Post(build).run(block.inner('post'))
    }

    private void stage(String name, Closure body) {
        build.within([stages: [name]]) {
            if (isOver()) {
                build.note('stage', [status: 'skipped: the build is over'])
                return
            }
            build.note('stage', [status: 'begins'])
            try {
                new Stage(build, this, Block.read(build, body), options).run()
            } catch (Stopped stopped) {
                build.stop(stopped)
            }
        }
    }

    private boolean isOver() {
        build.isOver || (build.result == 'UNSTABLE' && 'skipStagesAfterUnstable' in options)
    }
}
