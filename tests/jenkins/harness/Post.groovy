package harness

/** What a `post` block has for how the build stands, in Jenkins' order whatever the order in the file. */
class Post {
    private final Build build

    Post(Build build) {
        this.build = build
    }

    void run(List<Map> conditions) {
        def now = build.result
        Grammar.POST.each { name ->
            conditions.findAll { it.name == name && isDue(name, now) }.each { said ->
                build.note('post', [condition: name])
                try {
                    Steps.run(build, said.body)
                } catch (Stopped stopped) {
                    build.stop(stopped)
                }
            }
        }
    }

    private static boolean isDue(String condition, String result) {
        switch (condition) {
            case ['always', 'cleanup']: return true
            case 'unsuccessful': return result != 'SUCCESS'
            case ['success', 'failure', 'aborted', 'unstable']: return result == condition.toUpperCase()
            default: throw Stopped.failure("post: '$condition' depends on the build before, which is not carried out here")
        }
    }
}
