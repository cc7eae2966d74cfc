package harness

/**
 * One build: what it was started with, where it is now, and what has happened.
 *
 * `now` is what surrounds the step that runs: variables, folder, locks, credentials, deadline. It is a value that
 * `within` replaces for the time of a block, so that nothing outlives the block that brought it.
 */
class Build {
    static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'ABORTED']

    final Map scenario
    final File workspace
    final List<Map> log = []
    final Set<String> secrets = new LinkedHashSet<>()
    final Map<String, Map<String, byte[]>> stashes = [:]
    /** What `script` has set with `env.NAME = …`: it holds to the build's end, for every stage behind it. */
    final Map<String, String> kept = [:]
    String result = 'SUCCESS'
    Map<String, String> parameters = [:]
    Map now

    Build(Map scenario) {
        this.scenario = scenario
        workspace = new File(scenario.workspace as String)
        def env = [WORKSPACE: workspace.path] + scenario.env
        now = [env: env, dir: null, stages: [], locks: [], credentials: [], deadline: null]
    }

    /** Take what the build was started with; each parameter is a variable of the build. */
    void started(Map<String, String> parameters) {
        this.parameters = parameters
        now = now + [env: now.env + parameters]
    }

    /** Every variable that a step sees: what surrounds it comes before what was set. */
    Map getEnv() {
        kept + now.env
    }

    /** Run `body` with some of what surrounds it replaced; maps and lists are added to. */
    def within(Map changes, Closure body) {
        def before = now
        now = before + changes.collectEntries { key, value ->
            [key, value instanceof Map || value instanceof List ? before[key] + value : value]
        }
        try {
            body()
        } finally {
            now = before
        }
    }

    void note(String kind, Map what = [:]) {
        log << ([kind: kind, stage: now.stages.join('/')] + what)
    }

    void worsen(String other) {
        if (RESULTS.indexOf(other) > RESULTS.indexOf(result)) result = other
    }

    /** Record why a step, stage or build went no further. */
    void stop(Stopped stopped) {
        note('stopped', [result: stopped.result, why: mask(stopped.message)])
        worsen(stopped.result)
    }

    boolean getIsOver() {
        result in ['FAILURE', 'ABORTED']
    }

    /** The folder of the step that runs; a step that needs one fails outside of an agent. */
    File folder(String step) {
        if (now.dir == null) {
            throw Stopped.failure("$step: required context class hudson.FilePath is missing: no agent surrounds it")
        }
        now.dir
    }

    String mask(String text) {
        secrets.inject(text) { masked, secret -> masked.replace(secret, '****') }
    }
}
