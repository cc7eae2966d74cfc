package harness

import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.MapExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.Phases

/** What is wrong with a declarative pipeline's form, told with lines, before anything of it runs. */
class Lint {
    final List<String> problems = []

    static List<String> of(String text) {
        def lint = new Lint()
        lint.file(text)
        lint.problems
    }

    private void file(String text) {
        def unit = new CompilationUnit()
        unit.addSource('Jenkinsfile', text)
        try {
            unit.compile(Phases.CONVERSION)
        } catch (MultipleCompilationErrorsException error) {
            error.errorCollector.errors.each { bad(it.cause.line, it.cause.originalMessage) }
            return
        }
        def statements = unit.AST.modules[0].statementBlock.statements
        def pipelines = statements.collect { asCall(it) }
        if (pipelines*.methodAsString != ['pipeline']) {
            bad(1, 'exactly one pipeline { } is required, and nothing beside it')
            return
        }
        pipeline(pipelines[0])
    }

    private void pipeline(MethodCallExpression node) {
        def said = directives(node, Grammar.PIPELINE)
        require(node, said, ['agent', 'stages'])
        named(said, 'options') { options(it, Grammar.PIPELINE_OPTIONS) }
        named(said, 'triggers') { directives(it, Grammar.TRIGGERS) }
        named(said, 'parameters') { directives(it, Grammar.PARAMETERS, true) }
        common(said)
    }

    private void stage(MethodCallExpression node) {
        def said = directives(node, Grammar.STAGE)
        def bodies = said*.methodAsString.findAll { it in Grammar.BODIES }
        if (bodies.size() != 1) {
            bad(node, "a stage needs exactly one of parallel, stages and steps, and has ${bodies ?: 'none'}")
        }
        named(said, 'options') { options(it, Grammar.STAGE_OPTIONS) }
        named(said, 'input') { require(it, directives(it, Grammar.INPUT), ['message']) }
        named(said, 'when') { conditions(it, Grammar.CONDITIONS + Grammar.MOMENTS) }
        named(said, 'steps') { steps(it) }
        asked(said)
        common(said)
    }

    /** What waits for a lock or a person is asked for only where the stage runs at all. */
    private void asked(List<MethodCallExpression> said) {
        def condition = said.find { it.methodAsString == 'when' }
        def moments = condition ? body(condition).collect { asCall(it)?.methodAsString } : []
        def waits = said.any { it.methodAsString == 'options' && body(it).any { asCall(it)?.methodAsString == 'lock' } }
        if (condition && waits && !('beforeOptions' in moments)) {
            bad(condition, 'the lock is taken before this is asked: add beforeOptions true')
        }
        def isInput = said.any { it.methodAsString == 'input' }
        if (condition && isInput && !moments.any { it in ['beforeOptions', 'beforeInput'] }) {
            bad(condition, 'somebody is asked before this is: add beforeInput true')
        }
    }

    private void common(List<MethodCallExpression> said) {
        named(said, 'environment') { variables(it) }
        named(said, 'post') { node -> directives(node, Grammar.POST as Set).each { steps(it) } }
        ['parallel', 'stages'].each { name -> named(said, name) { stages(it) } }
    }

    private void stages(MethodCallExpression node) {
        if (!body(node)) bad(node, "${node.methodAsString} { } is empty")
        directives(node, ['stage'] as Set, true).each { stage(it) }
    }

    private void options(MethodCallExpression node, Set<String> allowed) {
        directives(node, allowed).each {
            if (it.methodAsString == 'lock' && !hasText(it)) bad(it, 'lock names no resource')
        }
    }

    private void conditions(MethodCallExpression node, Set<String> allowed) {
        directives(node, allowed, true).each {
            if (it.methodAsString in ['allOf', 'anyOf', 'not']) conditions(it, Grammar.CONDITIONS)
        }
    }

    private void variables(MethodCallExpression node) {
        body(node).each {
            if (!(it instanceof ExpressionStatement && it.expression instanceof BinaryExpression)) {
                bad(it, 'environment { } takes NAME = value')
            }
        }
    }

    private void steps(MethodCallExpression node) {
        if (!body(node)) bad(node, "${node.methodAsString} { } needs at least one step")
        directives(node, Grammar.STEPS + Grammar.WRAPPERS, true).each {
            if (it.methodAsString in Grammar.WRAPPERS) steps(it)
            if (it.methodAsString == 'script') kept(it)
        }
    }

    /** The one use of `script`: whether a file is there is kept for `when` of later stages. */
    private void kept(MethodCallExpression node) {
        if (!body(node)) bad(node, 'script { } is empty')
        body(node).each {
            def said = it instanceof ExpressionStatement && it.expression instanceof BinaryExpression ? it.expression : null
            def target = said?.leftExpression instanceof PropertyExpression ? said.leftExpression.text : ''
            def value = said?.rightExpression instanceof MethodCallExpression ? said.rightExpression.methodAsString : ''
            if (!(target ==~ /env\.[A-Z_]+/) || value != 'fileExists' || !hasText(said.rightExpression)) {
                bad(it, "script { } takes env.NAME = fileExists('…') and nothing else")
            }
        }
    }

    /** Return the calls in a block; whatever is no call, is unknown or stands twice is a problem. */
    private List<MethodCallExpression> directives(MethodCallExpression node, Set<String> allowed, boolean again = false) {
        def found = []
        body(node).each { statement ->
            def directive = asCall(statement)
            def name = directive?.methodAsString
            if (name == null) {
                bad(statement, "Groovy stands in ${node.methodAsString} { }, where only directives and steps may")
            } else if (name in Grammar.KNOWN_ELSEWHERE) {
                bad(directive, "'$name' is Jenkins', and is neither used here nor carried out by the harness")
            } else if (!(name in allowed)) {
                bad(directive, "unknown '$name' in ${node.methodAsString} { }")
            } else if (!again && found.any { it.methodAsString == name }) {
                bad(directive, "'$name' stands twice in ${node.methodAsString} { }")
            } else {
                found << directive
            }
        }
        found
    }

    private void require(MethodCallExpression node, List<MethodCallExpression> said, List<String> names) {
        names.findAll { !(it in said*.methodAsString) }.each { bad(node, "${node.methodAsString} { } lacks '$it'") }
    }

    private static void named(List<MethodCallExpression> said, String name, Closure then) {
        said.findAll { it.methodAsString == name }.each(then)
    }

    private static boolean hasText(MethodCallExpression node) {
        def given = node.arguments.expressions
        def named = given.findAll { it instanceof MapExpression }*.mapEntryExpressions.flatten()*.valueExpression
        (given + named).any { it instanceof ConstantExpression && it.value }
    }

    /** Return the statements of the block that a call is given. */
    private static List<Statement> body(MethodCallExpression node) {
        def given = node.arguments.hasProperty('expressions') ? node.arguments.expressions : []
        def closure = given.find { it instanceof ClosureExpression }
        if (closure == null) return []
        closure.code instanceof BlockStatement ? closure.code.statements : [closure.code]
    }

    private static MethodCallExpression asCall(Statement statement) {
        def isCall = statement instanceof ExpressionStatement && statement.expression instanceof MethodCallExpression
        isCall && statement.expression.implicitThis ? statement.expression : null
    }

    private void bad(ASTNode node, String what) {
        bad(node.lineNumber, what)
    }

    private void bad(int line, String what) {
        problems << "line $line: $what".toString()
    }
}
