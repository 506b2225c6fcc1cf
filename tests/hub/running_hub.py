"""A running hub, and people on it who do what they do in a browser: start a server, save files, type in a terminal."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import websocket
from ending import FAR_NET, bound_to_us
from hub_environment import FOLDER, HERE, proxy_command
from hub_view import HOMES, UIDS, View

SPAWNERS = {True: "jupyterhub.spawner.LocalProcessSpawner", False: "jupyterhub.spawner.SimpleLocalProcessSpawner"}
# Not taken from whoever runs the tests.
KEPT = ("PATH", "LANG")


class Hub:
    """A hub that answers at `address`; `token` lets the tests start servers."""

    def __init__(self, address: str, token: str, password: str):
        self.address, self.token, self.password = address, token, password

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """What the hub, or a person's server, answers."""
        request = urllib.request.Request(self.address + path, method=method)
        request.add_header("Authorization", f"token {token or self.token}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=FAR_NET) as reply:
            text = reply.read()
        return json.loads(text) if text else None


class Person:
    """Somebody with a server of their own on the hub."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self.token = hub.ask("POST", f"/hub/api/users/{name}/tokens", {})["token"]

    def begin_server(self) -> None:
        """Have the hub start the person's server."""
        self.hub.ask("POST", f"/hub/api/users/{self.name}/server")

    def await_server(self) -> None:
        """Wait until it answers."""
        wait_until(lambda: self.hub.ask("GET", f"/hub/api/users/{self.name}")["servers"][""]["ready"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the person's server answers."""
        return self.hub.ask(method, f"/user/{self.name}{path}", body, self.token)

    def read(self, path: str) -> Any:
        """What is in a file of the person's home."""
        return self.ask("GET", f"/api/contents/{quote(path)}")["content"]

    def save(self, path: str, notebook: dict) -> None:
        """Save a notebook."""
        self.ask("PUT", f"/api/contents/{path}", {"type": "notebook", "content": notebook})

    def type(self, command: str) -> tuple[int, str]:
        """Type a command in a new terminal of the person's: how it ended, and what it said."""
        name = self.ask("POST", "/api/terminals", {})["name"]
        address = f"{self.hub.address.replace('http', 'ws', 1)}/user/{self.name}/terminals/websocket/{name}"
        terminal = websocket.create_connection(address, timeout=FAR_NET, header=[f"Authorization: token {self.token}"])
        with closing(terminal):
            # Wide, so that no line is broken.
            terminal.send(json.dumps(["set_size", 50, 2000, 500, 20_000]))
            terminal.send(json.dumps(["stdin", f"{command}; echo '<ended '$?'>'\r"]))
            said = ""
            while not (end := re.search(r"<ended (\d+)>", said)):
                kind, text = json.loads(terminal.recv())[:2]
                said += text if kind == "stdout" else ""
        return int(end[1]), said


def wait_until(is_so) -> None:
    """Wait until `is_so()`, however busy the machine is."""
    deadline = time.monotonic() + FAR_NET
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at."""
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in with_ports]
    for each in with_ports:
        each.close()
    return ports


@contextmanager
def start_hub(view: View):
    """A hub in `view`; it ends with the `with`, and all its processes."""
    address, inner, proxy = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    hub = Hub(address, secrets.token_hex(), "let me in")
    given = {
        "people": list(UIDS),
        "password": hub.password,
        "spawner": SPAWNERS[view.has_system_users],
        "homes": str(HOMES),
        "bin": str(FOLDER / "bin"),
        # As in a container, whose environment is no virtual one of a user's own: their settings go before its.
        "environment": {"JUPYTER_PREFER_ENV_PATH": "0"},
        "address": address,
        "hub": inner,
        "proxy": proxy,
        "proxy_command": proxy_command(),
        "token": hub.token,
    }
    own = {name: os.environ[name] for name in KEPT if name in os.environ}
    own["PATH"] = f"{FOLDER / 'bin'}:{own['PATH']}"
    state = view.folder / "hub"
    state.mkdir(exist_ok=True)
    command = [
        *view.words(),
        "--chdir",
        str(state),
        str(FOLDER / "bin/jupyterhub"),
        "-f",
        str(HERE / "jupyterhub_config.py"),
    ]
    log = view.folder / "hub.log"
    with log.open("w") as said:
        settings = own | {"HUB_OF_THE_TESTS": json.dumps(given)}
        process = subprocess.Popen([*bound_to_us(), *command], env=settings, stdout=said, stderr=said)
    try:
        wait_until(lambda: _answers(hub, process, log))
        yield hub
    finally:
        process.terminate()
        process.wait(timeout=FAR_NET)


def _answers(hub: Hub, process: subprocess.Popen, log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-3000:]
    try:
        return bool(hub.ask("GET", "/hub/api/"))
    except OSError:
        return False
