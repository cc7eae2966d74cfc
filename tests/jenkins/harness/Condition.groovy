package harness

/** A `when` block: whether the stage runs, and at which moment that is asked. */
class Condition {
    private final Build build
    private final Block block

    Condition(Build build, Closure body) {
        this.build = build
        block = Block.read(build, body)
    }

    /** The moment at which it is asked: the earliest that it names, else on the agent. */
    String getMoment() {
        Grammar.MOMENTS.find { name -> block.all(name).any { it.arguments == [true] } } ?: 'onAgent'
    }

    boolean holds() {
        all(block)
    }

    private boolean all(Block block) {
        block.directives.findAll { !(it.name in Grammar.MOMENTS) }.every { one(it) }
    }

    private boolean one(Map directive) {
        def given = directive.arguments ? directive.arguments[0] : null
        switch (directive.name) {
            case 'branch': return build.env.BRANCH_NAME == given
            case 'changeRequest': return isChangeRequest(given instanceof Map ? given : [:])
            case 'environment': return build.env[given.name] == given.value
            case 'allOf': return all(Block.read(build, directive.body))
            case 'anyOf': return Block.read(build, directive.body).directives.any { one(it) }
            case 'not': return !all(Block.read(build, directive.body))
            default: throw Stopped.failure("when: '$directive.name' is not carried out here")
        }
    }

    private boolean isChangeRequest(Map given) {
        def unknown = given.keySet() - ['target']
        if (unknown) throw Stopped.failure("changeRequest: $unknown is not carried out here")
        def env = build.env
        env.CHANGE_ID != null && (given.target == null || given.target == env.CHANGE_TARGET)
    }
}
