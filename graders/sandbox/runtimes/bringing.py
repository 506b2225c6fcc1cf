"""Brings the libraries that mappers of other languages need: Sequelize by npm, Hibernate's jars from Maven Central."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from graders.sandbox.runtimes import runtimes

CENTRAL = "https://repo1.maven.org/maven2/"
COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"
MINUTES = 300


def bring_sequelize() -> None:
    """Install exactly what the lock file says; raise `RuntimeError` in npm's words if it cannot."""
    folder = runtimes.installed() / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(runtimes.HERE / "node" / name, folder)
    _run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def _npm() -> list[str]:
    """The words that start npm: that of the Node.js in use, or the computer's own."""
    node = runtimes.node()
    if node is None:
        raise RuntimeError(runtimes.why_missing("javascript"))
    beside = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = shutil.which("npm")
    if not beside.is_file() and npm is None:
        raise RuntimeError("npm is not installed here.")
    return [str(node), str(beside)] if beside.is_file() else [npm]


def bring_hibernate() -> None:
    """Fetch the jars, compile the shop, and keep its classes ready; raise `RuntimeError` if one is not what it was."""
    java = runtimes.java()
    if java is None:
        raise RuntimeError(runtimes.why_missing("java"))
    folder = runtimes.installed() / "java"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "made-of").unlink(missing_ok=True)
    for digest, place in runtimes.jars():
        _fetch(digest, place, folder)
    _compile(java, folder)
    _share(java, folder)
    (folder / "made-of").write_text(runtimes.digest_of_harness())


def _fetch(digest: str, place: str, folder: Path) -> None:
    path = folder / place.rpartition("/")[2]
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        return
    with urllib.request.urlopen(CENTRAL + place, timeout=MINUTES) as reply:
        content = reply.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise RuntimeError(f"{CENTRAL + place} is not the file that this course was tried with.")
    path.write_bytes(content)


def _compile(java: Path, folder: Path) -> None:
    """Make shop.jar of the sources with Eclipse's compiler, which needs no JDK."""
    with tempfile.TemporaryDirectory(prefix="shop-") as classes:
        sources = [str(path) for path in sorted(runtimes.SOURCES.glob("*.java"))]
        words = ["-17", "-proc:none", "-nowarn", "-encoding", "UTF-8", "-d", classes]
        path = runtimes.class_path(folder)
        _run([str(java), "-cp", path, COMPILER, *words, "-classpath", path, *sources], folder)
        with zipfile.ZipFile(folder / "shop.jar", "w") as jar:
            for made in sorted(Path(classes).glob("*.class")):
                jar.write(made, made.name)


def _share(java: Path, folder: Path) -> None:
    """Run one call and keep the classes that it loads in a form that Java 25 starts from quickly (JEP 514)."""
    (folder / runtimes.CACHE).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="shop-") as scratch:
        path = runtimes.class_path(folder)
        kept = [f"-XX:AOTCacheOutput={folder / runtimes.CACHE}", "-cp", path, "Shop", path, scratch]
        _run([str(java), *runtimes.FLAGS, *kept], folder, _rehearsal())


def _rehearsal() -> str:
    """What the shop is asked once, so that every class it will need has been loaded."""
    schema = (
        "CREATE TABLE books (book_id INTEGER PRIMARY KEY, title VARCHAR, author VARCHAR, shelf INTEGER, price INTEGER,"
        " note VARCHAR)"
    )
    page = (
        "\nList<Book> page(EntityManager em, String author) {\n"
        'return em.createQuery("from Book b where b.author = :a", Book.class)'
        '.setParameter("a", author).getResultList();}'
    )
    data = [["books", [[1, "Emma", "Jane Austen", 1, 990, None]]]]
    asked = [{}, {"define": page, "name": "page"}, {"call": "page", "arguments": [schema, data, ["Jane Austen"]]}]
    return "".join(json.dumps(one) + "\n" for one in asked)


def _run(words: list[str], folder: Path, asked: str = "") -> None:
    done = subprocess.run(words, cwd=folder, input=asked, capture_output=True, text=True, check=False, timeout=MINUTES)
    if done.returncode:
        raise RuntimeError(f"{Path(words[0]).name}: {(done.stderr or done.stdout).strip()[-800:]}")
