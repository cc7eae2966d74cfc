package harness

/**
 * One stage, in Jenkins' order: options, input, agent, environment, body, post; `when` is asked at the moment that it
 * names. Source: ModelInterpreter of pipeline-model-definition.
 */
class Stage {
    private final Build build
    private final Engine engine
    private final Block block
    private final Set<String> options
    private final Condition condition

    Stage(Build build, Engine engine, Block block, Set<String> options) {
        this.build = build
        this.engine = engine
        this.block = block
        this.options = options
        condition = block.one('when') ? new Condition(build, block.one('when').body) : null
    }

    void run() {
        asked('beforeOptions') {
            Options.around(build, block.inner('options')) { asked('beforeInput') { answered() } }
        }
    }

    private void answered() {
        def answer = block.one('input') ? new Question(build, block.one('input').body).ask() : [:]
        build.within([env: answer]) {
            asked('beforeAgent') {
                new Workspace(build).around(block, options) { asked('onAgent') { body() } }
            }
        }
    }

    private void body() {
        def variables = block.one('environment') ? Variables.read(build, block.one('environment').body) : [:]
        build.within([env: variables]) {
            engine.finished(block) {
                if (block.one('steps')) Steps.run(build, block.one('steps').body)
                else if (block.one('stages')) engine.stages(block)
                else engine.parallel(block)
            }
        }
    }

    private void asked(String moment, Closure then) {
        if (condition?.moment == moment && !condition.holds()) {
            build.note('stage', [status: 'skipped: when'])
        } else {
            then()
        }
    }
}
