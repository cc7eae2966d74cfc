package harness

import java.util.concurrent.TimeUnit

/** Options of a pipeline or stage: those that surround its body do so, the others are only checked by the lint. */
class Options {
    /** Run `body` inside of the options that surround it, the first outermost. */
    static void around(Build build, List<Map> options, Closure body) {
        if (!options) {
            body()
            return
        }
        def first = options.head()
        def rest = { around(build, options.tail(), body) }
        switch (first.name) {
            case 'lock': lock(build, first.arguments[0], rest); break
            case 'timeout': timeout(build, first.arguments[0], rest); break
            default: rest()
        }
    }

    static void lock(Build build, Object given, Closure body) {
        def resource = given instanceof Map ? given.resource : given
        build.within([locks: [resource as String]], body)
    }

    static void timeout(Build build, Map given, Closure body) {
        def unit = TimeUnit.valueOf((given.unit ?: 'MINUTES') as String)
        def end = System.currentTimeMillis() + unit.toMillis(given.time as long)
        build.within([deadline: Math.min(end, build.now.deadline ?: end)], body)
    }
}
