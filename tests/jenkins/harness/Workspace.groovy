package harness

/** An agent's folder: a clone in which each agent block checks out the build's commit, as the Git plugin does. */
class Workspace {
    private final Build build

    Workspace(Build build) {
        this.build = build
    }

    /** Run `body` where a block's `agent` says; without one, where the surrounding block runs. */
    void around(Block block, Set<String> options, Closure body) {
        def agent = block.one('agent')
        if (agent == null || agent.arguments == ['none']) {
            body()
            return
        }
        build.within([dir: build.workspace, env: build.scenario.agent]) {
            if (!('skipDefaultCheckout' in options + block.inner('options')*.name)) checkout()
            body()
        }
    }

    /** Leave HEAD detached at the commit; what Git does not track stays, as Jenkins leaves it. */
    void checkout() {
        def commit = build.scenario.commit as String
        build.workspace.mkdirs()
        if (!new File(build.workspace, '.git').exists()) {
            git(['init', '--quiet'])
            git(['remote', 'add', 'origin', build.scenario.origin])
        }
        git(['fetch', '--quiet', 'origin', '+refs/heads/*:refs/remotes/origin/*'])
        git(['checkout', '--quiet', '--force', '--detach', commit])
        build.now.env.GIT_COMMIT = commit
    }

    private void git(List<String> arguments) {
        def builder = new ProcessBuilder(['git'] + arguments).directory(build.folder('checkout'))
        def process = builder.redirectErrorStream(true).start()
        def said = process.inputStream.text
        if (process.waitFor()) throw Stopped.failure("git ${arguments.join(' ')}: $said")
    }
}
