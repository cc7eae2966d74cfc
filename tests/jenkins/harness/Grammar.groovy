package harness

/**
 * The names of a declarative pipeline: what the lint lets stand and the engine carries out, in one place.
 * What Jenkins knows beyond these is refused by name, never skipped.
 */
class Grammar {
    static final Set<String> PIPELINE = ['agent', 'environment', 'options', 'parameters', 'post', 'stages', 'triggers']
    static final Set<String> STAGE = ['agent', 'environment', 'input', 'options', 'parallel', 'post', 'stages', 'steps', 'when']
    static final Set<String> BODIES = ['parallel', 'stages', 'steps']
    static final Set<String> INPUT = ['message', 'ok', 'submitter', 'submitterParameter']

    /** In the order in which Jenkins carries them out. */
    static final List<String> POST = [
        'always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'cleanup']

    static final Set<String> PIPELINE_OPTIONS = [
        'buildDiscarder', 'copyArtifactPermission', 'disableConcurrentBuilds', 'disableResume', 'skipDefaultCheckout',
        'skipStagesAfterUnstable', 'timeout', 'timestamps']
    static final Set<String> STAGE_OPTIONS = ['lock', 'skipDefaultCheckout', 'timeout', 'timestamps']
    static final Set<String> TRIGGERS = ['cron']
    static final Set<String> PARAMETERS = ['choice', 'string']

    static final Set<String> CONDITIONS = ['allOf', 'anyOf', 'branch', 'changeRequest', 'environment', 'not']
    /** Flags of `when`, the one that is asked earliest first. */
    static final List<String> MOMENTS = ['beforeOptions', 'beforeInput', 'beforeAgent']

    /** Steps with a block of steps, and without. */
    static final Set<String> WRAPPERS = ['dir', 'lock', 'timeout', 'withCredentials']
    static final Set<String> STEPS = [
        'archiveArtifacts', 'checkout', 'cleanWs', 'copyArtifacts', 'deleteDir', 'echo', 'error', 'junit', 'recordIssues',
        'script', 'sh', 'stash', 'unstash']

    static final Set<String> KNOWN_ELSEWHERE = ['libraries', 'matrix', 'tools']
}
