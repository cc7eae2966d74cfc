package harness

/** `withCredentials`: what each kind of binding puts into the environment, for how long, and what is masked. */
class Credentials {
    private final Build build

    Credentials(Build build) {
        this.build = build
    }

    def bound(List<Map> bindings, Closure body) {
        def folder = new File(build.scenario.secrets as String, UUID.randomUUID().toString())
        folder.mkdirs()
        try {
            def env = bindings.collectEntries { variables(it, folder) }
            build.within([env: env, credentials: bindings*.credentialsId], body)
        } finally {
            folder.deleteDir()
        }
    }

    private Map<String, String> variables(Map binding, File folder) {
        def found = build.scenario.credentials[binding.credentialsId]
        if (found == null) {
            throw Stopped.failure("Could not find credentials entry with ID '${binding.credentialsId}'")
        }
        build.secrets << (found.secret as String)
        switch (binding.kind) {
            case 'string': return [(binding.variable): found.secret]
            case 'file': return [(binding.variable): file(folder, 'token', found.secret)]
            case 'gitUsernamePassword': return git(found, folder)
            default: throw Stopped.failure("withCredentials: '${binding.kind}' is not carried out here")
        }
    }

    /** As the Git plugin does: a helper that answers Git's questions, and the variables that it reads. */
    private static Map<String, String> git(Map found, File folder) {
        def helper = '#!/bin/sh\ncase "$1" in Username*) echo "$GIT_USERNAME" ;; *) echo "$GIT_PASSWORD" ;; esac\n'
        def path = file(folder, 'askpass', helper)
        new File(path).executable = true
        [GIT_ASKPASS: path, GIT_USERNAME: found.username, GIT_PASSWORD: found.secret]
    }

    private static String file(File folder, String name, String content) {
        def file = new File(folder, name)
        file.text = content
        file.path
    }
}
