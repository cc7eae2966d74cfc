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
        found.each { path, file -> copy(file.bytes, new File(archived(build.now.env.JOB_NAME), path)) }
        if (!found && !given.allowEmptyArchive) {
            throw Stopped.failure("No artifacts found that match the file pattern '${given.artifacts}'")
        }
    }

    /** Bring what the last build of another job has archived; as in Jenkins, its folders come along. */
    void copyArtifacts(Map given) {
        def matcher = FileSystems.default.getPathMatcher("glob:${given.filter}")
        def from = archived(given.projectName)
        def copied = 0
        if (from.exists()) {
            from.eachFileRecurse(FileType.FILES) { file ->
                def path = from.toPath().relativize(file.toPath())
                if (!matcher.matches(path)) return
                copy(file.bytes, new File(build.folder('copyArtifacts'), "${given.target}/$path"))
                copied++
            }
        }
        build.note('copied', [files: copied])
        if (!copied && !given.optional) throw Stopped.failure("Unable to find artifacts of ${given.projectName}")
    }

    void stash(Map given) {
        def found = files('stash', given.includes)
        if (!found && !given.allowEmpty) throw Stopped.failure("No files included in stash '${given.name}'")
        build.stashes[given.name] = found.collectEntries { path, file -> [path, file.bytes] }
    }

    void unstash(String name) {
        if (!build.stashes.containsKey(name)) throw Stopped.failure("No such saved stash '$name'")
        build.stashes[name].each { path, content ->
            copy(content, new File(build.folder('unstash'), path))
        }
    }

    private File archived(String job) {
        new File(build.scenario.archives as String, job ?: 'nameless')
    }

    private static void copy(byte[] content, File target) {
        target.parentFile.mkdirs()
        target.bytes = content
    }

    /** Return {path: file} of what matches patterns that are separated by commas; `**` is any folder below. */
    private Map<String, File> files(String step, String patterns) {
        def folder = build.folder(step)
        patterns.split(',')*.trim().inject([:]) { found, pattern -> found + matching(folder, pattern) }
    }

    /** Look below the part of a pattern that is plain only: a workspace has a hundred thousand files. */
    private static Map<String, File> matching(File folder, String pattern) {
        def plain = (pattern.split('/') as List).takeWhile { !(it =~ /[*?{\[]/) }.join('/')
        def start = plain ? new File(folder, plain) : folder
        if (start.isFile()) return [(plain): start]
        def matcher = FileSystems.default.getPathMatcher("glob:$pattern")
        def found = [:]
        if (start.isDirectory()) {
            start.eachFileRecurse(FileType.FILES) { file ->
                def inside = folder.toPath().relativize(file.toPath())
                if (matcher.matches(inside)) found[inside.toString()] = file
            }
        }
        found
    }
}
