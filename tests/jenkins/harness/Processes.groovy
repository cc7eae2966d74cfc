package harness

/**
 * How Jenkins ends what a step has started: SIGTERM to each process with the step's cookie and to all below it.
 *
 * A process below several others that carry the cookie gets the signal from each of them.
 * Source: hudson.util.ProcessTree.Unix, killAll and killRecursively.
 */
class Processes {
    static void terminate(String cookie) {
        def children = parents().groupBy { it.value }.collectEntries { parent, entries -> [parent, entries*.key] }
        parents().keySet().findAll { environment(it).contains(cookie) }.each { killRecursively(it, children) }
    }

    private static void killRecursively(String pid, Map<String, List<String>> children) {
        (children[pid] ?: []).each { killRecursively(it, children) }
        ['kill', '-TERM', pid].execute().waitFor()
    }

    /** Return {process: its parent} of every process there is. */
    private static Map<String, String> parents() {
        def found = [:]
        new File('/proc').eachDir { folder ->
            if (!folder.name.isInteger()) return
            try {
                def stat = new File(folder, 'stat').text
                found[folder.name] = stat.substring(stat.lastIndexOf(')') + 2).split(' ')[1]
            } catch (IOException gone) {
                // it ended while we looked
            }
        }
        found
    }

    private static List<String> environment(String pid) {
        try {
            new File("/proc/$pid/environ").text.split('\0') as List
        } catch (IOException gone) {
            []
        }
    }
}
