package harness

/** A block of directives, read into a list of names and arguments; nothing of it is carried out. */
class Block {
    final Build build
    final List<Map> directives = []

    Block(Build build) {
        this.build = build
    }

    static Block read(Build build, Closure body) {
        def block = new Block(build)
        Block.run(body, block)
        block
    }

    /** Run a closure of the Jenkinsfile so that its names mean what `meaning` makes of them, and nothing else. */
    static def run(Closure body, Object meaning) {
        def own = body.rehydrate(meaning, meaning, meaning)
        own.resolveStrategy = Closure.DELEGATE_ONLY
        own()
    }

    List<Map> all(String name) {
        directives.findAll { it.name == name }
    }

    /** Return the directive of that name, null where there is none. */
    Map one(String name) {
        all(name)[0]
    }

    /** Return the directives in the block of that name; none where it is absent. */
    List<Map> inner(String name) {
        one(name) ? read(build, one(name).body).directives : []
    }

    Map getEnv() {
        build.env
    }

    def methodMissing(String name, Object arguments) {
        def given = arguments as List
        def directive = [name: name, arguments: given, body: given.find { it instanceof Closure }]
        directives << directive
        directive
    }

    /** A bare word is its own name: `agent none`. */
    def propertyMissing(String name) {
        name
    }
}
