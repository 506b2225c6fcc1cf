"""Starts JupyterLab for a test, with configuration, progress and kernels' history of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from ending import FAR_NET, bound_to_us

FLAGS = (
    *("--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0"),
    *("--IdentityProvider.token=", "--expose-app-in-browser", "--LabApp.default_url=/lab/tree/contents.ipynb"),
)


@contextmanager
def start_lab(folder: Path, own: Path, **settings: str):
    """JupyterLab on `folder`, with configuration of its own in `own`; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {f"JUPYTER_{kind}_DIR": str(own / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    more = {"IPYTHONDIR": str(own / "ipython"), "DATABASES_BY_EXPERIMENT_HOME": str(own / "home"), "PATH": path}
    command = [sys.executable, "-m", "jupyter", "lab", *FLAGS, f"--port={port}", f"--ServerApp.root_dir={folder}"]
    log = own / "server.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [*bound_to_us(), *command], cwd=folder, env=os.environ | places | more | settings, stdout=said, stderr=said
        )
    try:
        yield _wait_for(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait(timeout=FAR_NET)


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + FAR_NET
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=2):
                return address
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not answer: {log.read_text()[-3000:]}")
