"""Installs the libraries that other languages need: Sequelize by npm, Hibernate's jars from Maven Central."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from graders.sandbox import runtimes

CENTRAL = "https://repo1.maven.org/maven2/"
COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"
MAX_SECONDS = 300


def install_sequelize() -> None:
    """Install exactly what the lock file says; raise `RuntimeError` in npm's words if it cannot."""
    node = runtimes.find_node()
    if node is None:
        raise RuntimeError(runtimes.why_missing("javascript"))
    folder = runtimes.library_folder("node")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(runtimes.HERE / "node" / name, folder)
    _run([*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def _npm(node: Path) -> list[str]:
    """The words that start npm: the one that came with `node`, or the computer's own."""
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [str(node), str(script)]
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not installed here.")
    return [npm]


def install_hibernate() -> None:
    """Fetch the jars, compile the shop, and keep its classes ready; raise `RuntimeError` if a jar is another."""
    java = runtimes.find_java()
    if java is None:
        raise RuntimeError(runtimes.why_missing("java"))
    folder = runtimes.library_folder("java")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / runtimes.STAMP).unlink(missing_ok=True)
    for digest, place in runtimes.jars():
        fetch_jar(digest, place, folder)
    _compile(java, folder)
    _cache_classes(java, folder)
    (folder / runtimes.STAMP).write_text(runtimes.harness_digest(), encoding="ascii")


def fetch_jar(digest: str, place: str, folder: Path) -> None:
    """Bring the jar at `place` into `folder`, unsigned; raise `RuntimeError` if its SHA-256 is not `digest`."""
    path = folder / place.rpartition("/")[2]
    if _original_digest(path) != digest:
        with urllib.request.urlopen(CENTRAL + place, timeout=MAX_SECONDS) as reply:
            content = reply.read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise RuntimeError(f"{CENTRAL + place} is not the file that this course was tested with.")
        path.write_bytes(content)
    _drop_signature(path, digest)


def _original_digest(path: Path) -> str:
    """The digest of a jar, or the one that it had before its signature was dropped; empty if there is no jar."""
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as jar:
        return jar.comment.decode("ascii", "replace") or hashlib.sha256(path.read_bytes()).hexdigest()


def _drop_signature(path: Path, digest: str) -> None:
    """Write a signed jar anew without its signature: of a signed jar, Java keeps no class ready.

    The `digest` that was compared when it was fetched becomes its comment.
    """
    with zipfile.ZipFile(path) as signed:
        kept = [name for name in signed.namelist() if not name.startswith("META-INF/")]
        if not any(name.endswith(".SF") for name in signed.namelist()):
            return
        with zipfile.ZipFile(path.with_suffix(".new"), "w") as jar:
            jar.comment = digest.encode("ascii")
            for name in kept:
                jar.writestr(name, signed.read(name))
    path.with_suffix(".new").replace(path)


def _compile(java: Path, folder: Path) -> None:
    """Make shop.jar of the sources with Eclipse's compiler, which needs no JDK."""
    (folder / "shop.jar").unlink(missing_ok=True)
    path, sources = runtimes.class_path(), [str(path) for path in sorted(runtimes.SOURCES.glob("*.java"))]
    with tempfile.TemporaryDirectory(prefix="shop-") as classes:
        options = ["-17", "-proc:none", "-nowarn", "-encoding", "UTF-8", "-d", classes, "-classpath", path]
        _run([str(java), "-cp", path, COMPILER, *options, *sources], folder)
        with zipfile.ZipFile(folder / "shop.jar", "w") as jar:
            for file in sorted(Path(classes).glob("*.class")):
                jar.write(file, file.name)


def _cache_classes(java: Path, folder: Path) -> None:
    """Run one call and keep the classes that it loads in a form that Java 25 starts from quickly (JEP 514)."""
    cache, path = folder / runtimes.CLASS_CACHE, runtimes.class_path()
    cache.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="shop-") as scratch:
        options = [*runtimes.JAVA_OPTIONS, f"-XX:AOTCacheOutput={cache}", "-cp", path]
        _run([str(java), *options, "Shop", path, scratch], folder, _rehearsal())


def _rehearsal() -> str:
    """A request of each kind for the shop, and each kind of query, so that the classes that they need are loaded."""
    schema = (
        "CREATE TABLE books (book_id INTEGER PRIMARY KEY, title VARCHAR, author VARCHAR, shelf INTEGER, price INTEGER,"
        " note VARCHAR)"
    )
    page = (runtimes.HERE / "java" / "rehearsal.txt").read_text(encoding="utf-8")
    data = [["books", [[1, "Emma", "Jane Austen", 1, 990, None]]]]
    calls = [{"call": "page", "arguments": [schema, data, [by]]} for by in ("title", "reviews.member", "'")]
    requests = [{}, {"define": "\nList<Book> page( {", "name": "page"}, {"define": page, "name": "page"}, *calls]
    return "".join(json.dumps(one) + "\n" for one in requests)


def _run(words: list[str], folder: Path, text: str = "") -> None:
    done = subprocess.run(
        words, cwd=folder, input=text, capture_output=True, text=True, check=False, timeout=MAX_SECONDS
    )
    if done.returncode:
        raise RuntimeError(f"{Path(words[0]).name}: {(done.stderr or done.stdout).strip()[-800:]}")
