package harness

/** `sh`: a real process, as Jenkins' durable task starts one, and ends one when the build is aborted. */
class Shell {
    /** By this variable Jenkins finds what a step has started. */
    static final String COOKIE = 'JENKINS_SERVER_COOKIE'

    private final Build build

    Shell(Build build) {
        this.build = build
    }

    void run(String script) {
        def folder = build.folder('sh')
        def cookie = "durable-${UUID.randomUUID()}".toString()
        def builder = new ProcessBuilder('sh', '-xe', '-c', script).directory(folder).redirectErrorStream(true)
        builder.environment().clear()
        builder.environment().putAll(build.env.collectEntries { key, value -> [key as String, value as String] })
        builder.environment().putAll([(COOKIE): cookie, PWD: folder.path])
        def started = System.currentTimeMillis()
        def process = builder.start()
        process.outputStream.close()
        def timer = timer(cookie)
        def end = follow(process, script, cookie)
        timer?.cancel()
        def code = process.waitFor()
        def late = build.now.deadline != null && System.currentTimeMillis() >= build.now.deadline
        build.note('sh', [
            script: script, code: code, ms: System.currentTimeMillis() - started, output: build.mask(end.output),
            credentials: build.now.credentials, locks: build.now.locks, role: build.env.AWS_ROLE_ARN ?: ''])
        if (end.isAborted) throw Stopped.aborted('Aborted by a person')
        if (code && late) throw Stopped.aborted('Timeout has been exceeded')
        if (code) throw Stopped.failure("script returned exit code $code")
    }

    /** Read what the process says to its end; abort it at the line that the scenario names. */
    private Map follow(Process process, String script, String cookie) {
        def abort = build.scenario.abort
        def output = new StringBuilder()
        def isAborted = false
        process.inputStream.eachLine { line ->
            output << line << '\n'
            if (abort && !isAborted && script.contains(abort.script) && line.contains(abort.line)) {
                isAborted = true
                build.note('abort', [line: build.mask(line)])
                Processes.terminate("$COOKIE=$cookie")
            }
        }
        [output: output.toString(), isAborted: isAborted]
    }

    private Timer timer(String cookie) {
        if (build.now.deadline == null) return null
        def timer = new Timer(true)
        def left = Math.max(1, build.now.deadline - System.currentTimeMillis())
        timer.runAfter(left as int) { Processes.terminate("$COOKIE=$cookie") }
        timer
    }
}
