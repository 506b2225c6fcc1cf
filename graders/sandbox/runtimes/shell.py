"""The shell in the sandbox: a machine whose nights pass, with the shells and the programs of this computer."""

from __future__ import annotations

import json
import os
import shutil
import sys
from functools import cache
from pathlib import Path

from graders.sandbox.runtimes.runtime import Runtime

HERE = Path(__file__).parent
BOX = HERE / "shell_box"
SHELLS = ("sh", "bash")
# What POSIX has for scripts, and what those of backups use beside it. None of them reaches a network.
PROGRAMS = (
    *("awk", "basename", "cat", "chmod", "cksum", "cmp", "comm", "cp", "cut", "dd", "df", "diff", "dirname", "du"),
    *("echo", "env", "expr", "false", "find", "fold", "grep", "head", "id", "join", "ln", "ls", "mkdir", "mktemp"),
    *("mv", "nl", "od", "paste", "printf", "pwd", "rm", "rmdir", "sed", "seq", "sort", "split", "stat", "sync"),
    *("tail", "tee", "test", "timeout", "touch", "tr", "true", "truncate", "uname", "uniq", "unlink", "wc", "xargs"),
    *("gzip", "gunzip", "zcat", "bzip2", "bunzip2", "xz", "sha256sum", "md5sum", "egrep", "fgrep", "flock", "tac"),
)
MODULES = ("graders", "graders.sandbox", "graders.sandbox.runtimes", "graders.sandbox.runtimes.shell_box")
# Makes modules of the texts that it is handed, for inside there is no course to import.
BOOT = """
import json, sys, types
texts = json.loads(sys.argv[1])
for name in texts["packages"]:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
for name, text in texts["modules"]:
    sys.modules[name] = module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
module.main(texts["programs"], texts["shells"], sys.argv[2])
"""


def why_no_shell() -> str:
    """Why scripts cannot be run here, in a sentence; empty if they can."""
    if os.name != "posix" or not _find("sh"):
        return "This computer has no POSIX shell: answers in it run on Linux, on macOS and in WSL."
    return "" if _find("bash") else "There is no bash on this computer."


@cache
def _find(program: str) -> Path | None:
    path = shutil.which(program, path="/usr/bin:/bin")
    return Path(path) if path else None


@cache
def shell_runtime() -> Runtime:
    """What a sandbox runs for answers that are shell scripts."""
    modules = [("graders.sandbox.plain_data", HERE.parent / "plain_data.py")]
    modules += [(f"{MODULES[-1]}.{name}", BOX / f"{name}.py") for name in ("server", "clock", "night", "machine")]
    texts = {
        "packages": MODULES,
        "modules": [(name, path.read_text(encoding="utf-8")) for name, path in modules],
        "programs": {name: (BOX / f"{name}.sh").read_text(encoding="utf-8") for name in ("ask", "guard")},
        "shells": {name: f"/bin/{name}" if Path("/bin", name).exists() else str(_find(name)) for name in SHELLS},
    }
    programs = tuple(path for name in (*SHELLS, *PROGRAMS) if (path := _find(name)))
    return Runtime("shell", (sys.executable, "-I", "-c", BOOT, json.dumps(texts), "FOLDER"), programs=programs)
