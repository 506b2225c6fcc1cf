"""Are pages in four mappers told apart, and do sandboxes of other languages hold, or say what is missing?"""

import hashlib
import os
import random
import zipfile
from pathlib import Path

import pytest
from student_words import in_student_words

from graders.checks.orm_safety.mappers import DJANGO, HIBERNATE, SEQUELIZE, SQLALCHEMY, open_source
from graders.checks.orm_safety.pages import BY_AUTHOR, adapt_to_language
from graders.kernel.answers import to_mismatch
from graders.kernel.exercise import Exercise
from graders.kernel.judge import judge
from graders.kernel.report import Mismatch
from graders.sandbox import IsolationUnavailable, Sandbox, best_isolation, runtimes
from graders.sandbox.errors import SandboxError
from graders.sandbox.limits import RUNTIME_BOUNDS
from graders.sandbox.runtimes import install
from graders.techniques.attacks import Prober

LANGUAGES = ("javascript", "java")


def needs(language):
    missing = bool(runtimes.why_missing(language)) and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{language} is not here")


def find_fault(mapper, source):
    behaviour = adapt_to_language(BY_AUTHOR, mapper.engine)
    with open_source(source, "page", behaviour.schema, mapper) as subject:
        prober = Prober(subject, behaviour, 3, random.Random(3))
        return prober.find_mistake() or prober.find_attack()


ALCHEMY = "from sqlalchemy import *\ndef page(session, Book, sent):\n    return "
DJANGO_PAGE = (
    "from django.db.models.expressions import RawSQL\nfrom django.db.models import *\n"
    "def page(Book, sent):\n    return "
)
SAFE = [
    (SQLALCHEMY, ALCHEMY + "session.scalars(select(Book).where(Book.author.in_([sent])))"),
    (SQLALCHEMY, ALCHEMY + "session.scalars(select(Book).where(text('author = :a')).params(a=sent))"),
    (DJANGO, DJANGO_PAGE + "Book.objects.filter(Q(author=sent) | Q(author=sent))"),
    (DJANGO, DJANGO_PAGE + "Book.objects.annotate(x=RawSQL('author = %s', [sent])).filter(x=True)"),
    (DJANGO, DJANGO_PAGE + "Book.objects.extra(where=['author = %s'], params=[sent]).values_list('title', 'price')"),
]
OPEN = [
    (SQLALCHEMY, ALCHEMY + "session.scalars(select(Book).where(literal_column(f\"author = '{sent}'\")))"),
    (
        SQLALCHEMY,
        ALCHEMY + 'session.scalars(select(Book).from_statement(text("SELECT * FROM books WHERE author=\'"+sent+"\'")))',
    ),
    (SQLALCHEMY, ALCHEMY + "session.execute(text(\"SELECT title, price FROM books WHERE author = '%s'\" % sent))"),
    (DJANGO, DJANGO_PAGE + "Book.objects.annotate(x=RawSQL(f\"author = '{sent}'\", [])).filter(x=True)"),
    (DJANGO, DJANGO_PAGE + "Book.objects.raw(\"SELECT * FROM books WHERE author = '%s'\" % sent)"),
]
JS = "async function page({ sequelize, Book, Op, QueryTypes }, sent) { return "
JAVA = "List<?> page(EntityManager em, String sent) { return "
OTHERS = [
    pytest.param(
        SEQUELIZE, JS + "await Book.findAll({ where: { author: [sent] } }); }", True, marks=needs("javascript")
    ),
    pytest.param(
        SEQUELIZE,
        JS + "await sequelize.query(`SELECT title, price FROM books WHERE author = ${sequelize.escape(sent)}`,"
        " { type: QueryTypes.SELECT }); }",
        True,
        marks=needs("javascript"),
    ),
    pytest.param(
        SEQUELIZE,
        JS + "await Book.findAll({ where: sequelize.where(sequelize.literal(`author = '${sent}' AND 1`), 1) }); }",
        False,
        marks=needs("javascript"),
    ),
    pytest.param(
        HIBERNATE,
        JAVA + 'em.createQuery("select b.title, b.price from Book b where b.author = ?1")'
        ".setParameter(1, sent).getResultList(); }",
        True,
        marks=needs("java"),
    ),
    pytest.param(
        HIBERNATE,
        JAVA
        + 'em.createNativeQuery("select title, price from books where author = \'" + sent + "\'").getResultList(); }',
        False,
        marks=needs("java"),
    ),
]


@pytest.mark.parametrize(("mapper", "source"), SAFE, ids=range(len(SAFE)))
def test_safe_pages_hold(mapper, source):
    """Does a page with parameters hold, whatever form it has?"""
    assert find_fault(mapper, source) is None


@pytest.mark.parametrize(("mapper", "source"), OPEN, ids=range(len(OPEN)))
def test_open_pages_do_not(mapper, source):
    """Is an open page found, by what came out of it?"""
    behaviour = adapt_to_language(BY_AUTHOR, mapper.engine)
    with open_source(source, "page", behaviour.schema, mapper) as subject:
        assert Prober(subject, behaviour, 3, random.Random(3)).find_attack().fault in ("leak", "rows")


@pytest.mark.parametrize(("mapper", "source", "holds"), OTHERS)
def test_other_languages_are_told_apart(mapper, source, holds):
    """Is a page of Sequelize or Hibernate judged like one in Python?"""
    assert (find_fault(mapper, source) is None) == holds


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_runtime_is_not_the_answers_fault(language, monkeypatch, capsys):
    """Without the runtime: one sentence with the command, nothing wrong, and the demonstration says what would run."""
    from graders.checks.orm_safety.mappers import show_source

    monkeypatch.setattr(runtimes, "find_node", lambda: None)
    monkeypatch.setattr(runtimes, "find_java", lambda: None)
    name = {"javascript": "bind-in-sequelize", "java": "bind-in-hibernate"}[language]
    report = judge(Exercise(name, language, 2, "byAuthor", function=True), "anything")
    assert report.status == "needs review" and report.score == 2 and report.confirmed_score == 0
    assert all("make orms" in verdict.found for verdict in report.verdicts)
    show_source({"javascript": SEQUELIZE, "java": HIBERNATE}[language], "the source", "page", "x")
    assert "make orms" in (said := capsys.readouterr().out) and "the source" in said


REACHING = {
    "javascript": [
        "async function page() { return process.getBuiltinModule('fs').readFileSync('/etc/hostname').toString(); }",
        "async function page() { return process.getBuiltinModule('child_process').execSync('id').toString(); }",
        "async function page() { return process.getBuiltinModule('net').connect(1, '127.0.0.1').destroyed; }",
        "async function page() { process.getBuiltinModule('fs').writeFileSync('/tmp/reached', 'x'); return 'did'; }",
    ],
    "java": [
        'Object page(EntityManager em) throws Exception { return new java.io.File("/etc").list().length; }',
        'Object page(EntityManager em) throws Exception { return new ProcessBuilder("/usr/bin/id").start().pid(); }',
        'Object page(EntityManager em) throws Exception { return new java.net.Socket("127.0.0.1", 1).getPort(); }',
        'Object page(EntityManager em) throws Exception { return new java.io.FileWriter("/tmp/reached").hashCode(); }',
    ],
}


@pytest.mark.parametrize("language", [pytest.param(one, marks=needs(one)) for one in LANGUAGES])
def test_isolation_holds_around_other_programs(language):
    """Are files, programs and the network out of reach for JavaScript and Java in the isolation?"""
    try:
        isolation = best_isolation()
    except IsolationUnavailable:
        pytest.skip("no isolation holds on this machine")
    for source in REACHING[language]:
        with Sandbox(
            bounds=RUNTIME_BOUNDS[language], isolation=isolation, runtime=runtimes.runtime(language)
        ) as sandbox:
            page = sandbox.define(source, "page")
            try:
                value, raised, _, _ = page("CREATE TABLE t (a INTEGER)", [["t", []]])
            except SandboxError as error:
                value, raised = None, to_mismatch(error).found
            assert value in (None, False) and (raised or language == "javascript"), (source, value)
    assert not Path("/tmp/reached").exists()


@needs("java")
def test_a_compilers_message_names_the_students_line():
    """Does Java's compiler speak of the line of the cell?"""
    source = '\nList<Book> page(EntityManager em) {\n    int price = "x";\n    return null;\n}'
    with (
        Sandbox(bounds=RUNTIME_BOUNDS["java"], runtime=runtimes.runtime("java")) as sandbox,
        pytest.raises(Mismatch) as told,
        in_student_words(),
    ):
        sandbox.define(source, "page")
    assert told.value.found.endswith("in line 4 of your cell") and "Type mismatch" in told.value.found


def test_a_jar_that_is_another_is_refused(tmp_path, monkeypatch):
    """Is what Maven Central gives compared with the digest that the course was tried with?"""
    (tmp_path / "a.jar").write_bytes(b"something else")
    monkeypatch.setattr(install, "CENTRAL", tmp_path.as_uri() + "/")
    with pytest.raises(RuntimeError, match="is not the file"):
        install.fetch_jar("0" * 64, "a.jar", tmp_path / "..")


def test_a_signed_jar_is_kept_without_its_signature(tmp_path, monkeypatch):
    """Does a jar lose its signature, keep its classes, and count as the one that was fetched?"""
    with zipfile.ZipFile(tmp_path / "signed.jar", "w") as jar:
        for name in ("META-INF/MANIFEST.MF", "META-INF/SOMEBODY.SF", "org/A.class"):
            jar.writestr(name, name)
    digest = hashlib.sha256((tmp_path / "signed.jar").read_bytes()).hexdigest()
    monkeypatch.setattr(install, "CENTRAL", tmp_path.as_uri() + "/")
    folder = tmp_path / "kept"
    folder.mkdir()
    install.fetch_jar(digest, "signed.jar", folder)
    with zipfile.ZipFile(folder / "signed.jar") as jar:
        assert {name: jar.read(name) for name in jar.namelist()} == {"org/A.class": b"org/A.class"}
    (tmp_path / "signed.jar").unlink()
    install.fetch_jar(digest, "signed.jar", folder)


def test_every_jar_and_package_is_pinned():
    """Has each jar a digest, and each package of the lock file an integrity?"""
    import json

    assert all(len(digest) == 64 and place.endswith(".jar") for digest, place in runtimes.jars())
    lock = json.loads((runtimes.HERE / "node/package-lock.json").read_text())["packages"]
    assert [name for name, package in lock.items() if name and not package.get("integrity")] == []


@pytest.mark.skipif(not os.environ.get("CI"), reason="only CI promises both")
def test_continuous_integration_has_both():
    """In CI, is nothing of this skipped?"""
    assert [runtimes.why_missing(language) for language in LANGUAGES] == ["", ""]
