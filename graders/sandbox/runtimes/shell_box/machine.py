"""The machine of a shell script: its nights pass one after the other, and what is on its disk afterwards is told."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from graders.sandbox.plain_data import decode, encode
from graders.sandbox.runtimes.shell_box.clock import run_date
from graders.sandbox.runtimes.shell_box.night import DESCRIPTORS, MAX_FILE_SIZE, Job, Night
from graders.sandbox.runtimes.shell_box.server import Said, Server

ASKING = ("pg_dump", "psql", "createdb", "dropdb", "pg_isready", "date", "sleep", "mail")
GUARDED = ("rm", "rmdir", "mv", "find", "unlink", "shred", "truncate")
MAX_FILES, MAX_FILE, MAX_CONTENT, MAX_PATHS = 200, 300_000, 1_500_000, 2_000
END_OF_DUMP = 600
LIVE, BACKUPS = "mydb", "/backups/"


class Machine:
    """A home with the script in it, a folder for backups, a server and a clock, in the scratch folder `root`."""

    def __init__(self, root: Path, shells: dict[str, str], sources: dict[str, str]):
        """`sources` are the texts of `ask` and, unless something else guards what is around it, `guard`."""
        self.root, self._shells = root, shells
        self.home, self.backups, self._box, self._bin = (root / name for name in ("home", "backups", "asked", "bin"))
        for folder in (self.home, self.backups, self._box, self._bin, root / "tmp"):
            folder.mkdir()
        for names, source in ((ASKING, "ask"), (GUARDED, "guard")):
            for name in names if source in sources else ():
                (self._bin / name).write_text(sources[source])
                (self._bin / name).chmod(0o755)
        self.server = Server()
        self._now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        self._dated: dict[str, tuple[float, float]] = {}

    def _localize(self, text: str) -> str:
        """`text` with this machine's own folder in place of `/backups`."""
        return re.sub(r"(?<![\w./])/backups\b", str(self.backups), text)

    def run(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Let the nights of `plan` pass, and tell what each was like and what is left."""
        for name, text in plan["files"].items():
            path = self.backups / name.removeprefix(BACKUPS) if name.startswith(BACKUPS) else self.home / name
            path.write_bytes(text if isinstance(text, bytes) else self._localize(text).encode())
            path.chmod(0o755)
        for name, script in plan.get("databases", {}).items():
            self.server.load(name, script)
        contents: dict[str, bytes] = {}
        nights = [self._pass_night(night, contents) for night in plan["nights"]]
        return {"nights": nights, "contents": contents, "databases": self.server.rows()}

    def _pass_night(self, night: dict[str, Any], contents: dict[str, bytes]) -> dict[str, Any]:
        self._now = datetime.datetime.fromisoformat(night["now"]).replace(tzinfo=datetime.UTC)
        self.server.weather = night["weather"]
        self.server.load(LIVE, night["dump"])
        began = datetime.datetime.now().timestamp()
        self._age_files(began)
        run = Night(self._job(night), self._box, self._say)
        code = run.wait()
        self._date_files(began)
        output = run.output().replace(f"{self.backups}", "/backups").replace(f"{self.home}/", "")
        return {"code": code, "output": output, "asked": run.asked, "files": self._read_backups(contents)}

    def _job(self, night: dict[str, Any]) -> Job:
        stdin = self.root / "stdin"
        stdin.write_text(night["stdin"])
        shell, *words = night["command"]
        command = [self._shells[shell], *map(self._localize, words)]
        environment = self._environment(night["environment"])
        return Job(command, self.home, environment, stdin, night.get("room", MAX_FILE_SIZE))

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        """What cron hands on, and where this machine's programs are."""
        own = {"HOME": str(self.home), "LOGNAME": "app", "SHELL": "/bin/sh", "PATH": f"{self._bin}:/usr/bin:/bin"}
        own |= {"TMPDIR": str(self.root / "tmp"), "BOX": str(self._box), "LC_ALL": "C", "TZ": "UTC"}
        return own | {name: self._localize(text) for name, text in given.items() if name not in ("PATH", "BOX", "HOME")}

    def _say(self, name: str, words: list[str], stdin: str, folder: Path) -> Said:
        if name == "date":
            return run_date(words, self._now)
        program = self.server.programs.get(name)
        return program(words, stdin, folder) if program else Said()

    def _age_files(self, began: float) -> None:
        """Make each file as old as it is on the machine's own clock."""
        for name, (dated, _) in list(self._dated.items()):
            moved = began - (self._now.timestamp() - dated)
            try:
                os.utime(name, (moved, moved), follow_symlinks=False)
                self._dated[name] = dated, Path(name).lstat().st_mtime
            except OSError:
                del self._dated[name]

    def _date_files(self, began: float) -> None:
        """Note when, on the machine's own clock, what was written tonight was written: ten minutes after the start."""
        for path in [self.backups, *self.backups.rglob("*"), *self.home.rglob("*")][:MAX_PATHS]:
            try:
                time = path.lstat().st_mtime
            except OSError:
                continue
            if self._dated.get(str(path), (0, -1))[1] != time:
                self._dated[str(path)] = self._now.timestamp() + END_OF_DUMP + max(0, time - began), time

    def _read_backups(self, contents: dict[str, bytes]) -> dict[str, str]:
        """The digest of each file in the backup folder by its name, "" where it is too large; add to `contents`."""
        found = {}
        for path in sorted(self.backups.rglob("*"))[:MAX_FILES]:
            if path.is_file() and path.resolve().is_relative_to(self.root.resolve()):
                content = path.read_bytes() if path.stat().st_size <= MAX_FILE else None
                found[str(path.relative_to(self.backups))] = _keep(content, contents)
        return found


def _keep(content: bytes | None, contents: dict[str, bytes]) -> str:
    if content is None:
        return ""
    digest = hashlib.sha256(content).hexdigest()[:16]
    if digest not in contents and sum(map(len, contents.values())) < MAX_CONTENT:
        contents[digest] = content
    return digest


class Answer:
    """The answer's text, and a fresh machine for each call."""

    def __init__(self, folder: Path, shells: dict[str, str], sources: dict[str, str]):
        self._folder, self._shells, self._sources = folder, shells, sources
        self._text = ""
        self._calls = 0

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what `request` says, and give the reply."""
        if "define" in request:
            self._text = request["define"].removeprefix("\n")
            return {"function": True}
        self._calls += 1
        root = self._folder / f"machine{self._calls}"
        root.mkdir()
        (plan,) = (decode(argument) for argument in request["arguments"])
        plan["files"] = {plan["script"]: self._text, **plan["files"]}
        return {"value": encode(Machine(root, self._shells, self._sources).run(plan))}


def main(sources: dict[str, str], shells: dict[str, str], folder: str) -> None:
    """Serve one JSON object a line, as in_sandbox/serve.py does."""
    channel, requests = os.fdopen(os.dup(1), "w", encoding="utf-8"), os.fdopen(os.dup(0), "r", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    # The shell's own numbers are taken here, so that nothing of Python's gets one of them.
    for stream in (0, 1, 2, *DESCRIPTORS):
        os.dup2(nowhere, stream)
    if "landlock" in json.loads(requests.readline()):
        del sources["guard"]
    answer = Answer(Path(folder), shells, sources)
    reply: dict[str, Any] = {"ready": True}
    while True:
        channel.write(json.dumps(reply) + "\n")
        channel.flush()
        if not (line := requests.readline()):
            return
        try:
            reply = answer.reply(json.loads(line))
        except Exception as error:
            reply = {"error": type(error).__name__, "words": str(error)[:300], "line": None}
