package harness

import groovy.io.FileType
import groovy.json.JsonSlurper

import java.nio.file.FileSystems

/** Steps that publish what a build leaves: test reports, issues, artefacts, stashes. */
class Reports {
    private final Build build

    Reports(Build build) {
        this.build = build
    }

    void junit(Map given) {
        def found = files('junit', given.testResults)
        if (!found && !given.allowEmptyResults) throw Stopped.failure('No test report files were found. Configuration error?')
        def cases = found.values().collect { new XmlSlurper().parse(it).'**'.findAll { it.name() == 'testcase' } }.flatten()
        def bad = cases.count { item -> item.children().any { it.name() in ['failure', 'error'] } }
        build.note('junit', [cases: cases.size(), failures: bad])
        if (bad) build.worsen('UNSTABLE')
    }

    void recordIssues(Map given) {
        def found = given.tools.collect { files('recordIssues', it.pattern) }.sum()
        def results = found.values().collect { new JsonSlurper().parse(it).runs*.results }.flatten()
        build.note('issues', [files: found.size(), count: results.size()])
    }

    void archive(Map given) {
        def found = files('archiveArtifacts', given.artifacts)
        build.note('archive', [files: found.keySet().sort()])
        if (!found && !given.allowEmptyArchive) {
            throw Stopped.failure("No artifacts found that match the file pattern '${given.artifacts}'")
        }
    }

    void stash(Map given) {
        def found = files('stash', given.includes)
        if (!found && !given.allowEmpty) throw Stopped.failure("No files included in stash '${given.name}'")
        build.stashes[given.name] = found.collectEntries { path, file -> [path, file.bytes] }
    }

    void unstash(String name) {
        if (!build.stashes.containsKey(name)) throw Stopped.failure("No such saved stash '$name'")
        build.stashes[name].each { path, content ->
            def target = new File(build.folder('unstash'), path)
            target.parentFile.mkdirs()
            target.bytes = content
        }
    }

    /** Return {path: file} of what matches patterns that are separated by commas; `**` is any folder below. */
    private Map<String, File> files(String step, String patterns) {
        def folder = build.folder(step)
        def matchers = patterns.split(',')*.trim().collect { FileSystems.default.getPathMatcher("glob:$it") }
        def found = [:]
        folder.eachFileRecurse(FileType.FILES) { file ->
            def inside = folder.toPath().relativize(file.toPath())
            if (matchers.any { it.matches(inside) }) found[inside.toString()] = file
        }
        found
    }
}
