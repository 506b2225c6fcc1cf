"""Does the fork server give every box a clean start, keep nothing, and end with whoever needs it?"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from ending import FAR_NET, run_to_end

from graders.kernel.report import Mismatch
from graders.sandbox import Box, forkserver, walls, weakness
from graders.sandbox.bubblewrap import Bubblewrap
from graders.sandbox.stage import started_by

ROOT = Path(__file__).resolve().parents[2]
HERE = [wall for wall in walls() if not weakness(wall)]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")
each_wall = pytest.mark.parametrize("wall", HERE, ids=lambda wall: wall.name)


@pytest.fixture
def open_folder():
    """A folder that every user of this machine can open; it takes what a killed process leaves."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def server_of(wall) -> int:
    """The number of the fork server itself, which bubblewrap starts in turn."""
    started = forkserver.servers(os.getpid()).server(wall)._process.pid
    words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in {started, *started_by(started)}}
    (found,) = [pid for pid, each in words.items() if each.startswith(sys.executable.encode())]
    return found


def living(pids: set[int]) -> set[int]:
    """Which of `pids` live on, however long one waits."""
    ends = time.monotonic() + FAR_NET
    while time.monotonic() < ends and any(is_alive(pid) for pid in pids):
        time.sleep(0.02)
    return {pid for pid in pids if is_alive(pid)}


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kilobytes(pid: int) -> int:
    """The memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


@each_wall
def test_two_boxes_are_forks_of_one_server_and_differ(wall):
    """Are they of one parent, and is their chance their own?"""
    source = "import os, random, uuid\nf = (os.getppid(), random.random(), str(uuid.uuid4()))"
    with Box(wall=wall) as one, Box(wall=wall) as other:
        first, second = one.define(source, "f"), other.define(source, "f")
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert first[2] != second[2]


@pytest.mark.slow
@each_wall
def test_two_thousand_boxes_leave_nothing(wall):
    """Are memory, open files, threads, processes and folders the same after 2,000 boxes as after 50?"""

    def state() -> tuple:
        ours = len(list(Path("/proc/self/fd").iterdir()))
        theirs = len(list(Path(f"/proc/{server}/fd").iterdir())) if os.geteuid() == 0 else None
        return ours, theirs, started_by(os.getpid()), list(folder.iterdir())

    def use(boxes: int) -> None:
        for number in range(boxes):
            with Box(wall=wall) as box:
                box.define(f"kept = '{number}' * 100\ndef f(x): return x", "f")

    server, folder = server_of(wall), forkserver.servers(os.getpid()).server(wall).folder
    use(50)
    before, memory, threads = state(), kilobytes(server), threading.active_count()
    use(2000)
    assert state() == before
    assert threading.active_count() <= threads
    assert kilobytes(server) - memory < 512
    assert server_of(wall) == server


@each_wall
@pytest.mark.parametrize("harm", ["SIGKILL", "SIGSTOP"])
def test_a_lost_server_is_replaced(wall, harm, monkeypatch):
    """Does a box after the loss get a fresh server, and does nothing of the old one live on?"""
    monkeypatch.setattr(forkserver, "TO_ANSWER", 10 if harm == "SIGSTOP" else FAR_NET)
    server, known = server_of(wall), started_by(os.getpid())
    with Box(wall=wall) as box:
        waits = box.define("import time\ndef f(): time.sleep(3600)", "f")
        boxes = started_by(os.getpid()) - known
        os.kill(server, signal.Signals[harm])
        with Box(wall=wall) as fresh:
            assert fresh.define("f = 1", "f") == 1
        with pytest.raises(Mismatch, match="it ended the Python process"):
            waits()
    assert len(boxes) == 1
    assert living({server, *boxes}) == set()
    assert not box.folder.parent.exists()
    assert server_of(wall) != server


@each_wall
@pytest.mark.parametrize("stopped", [False, True], ids=["", "with a stopped server"])
def test_all_ends_with_the_process_that_judges(wall, stopped, open_folder):
    """Does neither the server nor a box outlive its user, however that ends?"""
    script = f"""
import sys, time
from graders.sandbox import Box, walls
(wall,) = [wall for wall in walls() if wall.name == {wall.name!r}]
box = Box(wall=wall)
print("there", flush=True)
time.sleep(60)
"""
    words = [sys.executable, "-c", script]
    scratch = os.environ | {"TMPDIR": str(open_folder)}
    with subprocess.Popen(words, cwd=ROOT, env=scratch, stdout=subprocess.PIPE, text=True) as judging:
        assert judging.stdout.readline() == "there\n"
        started = started_by(judging.pid)
        if stopped:
            os.kill(next(pid for pid in started if started_by(pid)), signal.SIGSTOP)
        judging.kill()
    assert len(started) >= 2
    assert living(started) == set()


@each_wall
def test_a_server_outlives_the_thread_that_asked_for_it(wall):
    """Does a box that a thread started stay when the thread has ended?"""
    forkserver.servers.cache_clear()
    boxes = []
    thread = threading.Thread(target=lambda: boxes.append(Box(wall=wall)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with boxes[0] as box:
        assert box.define("f = 1", "f") == 1


@each_wall
def test_a_fork_of_ours_has_a_server_of_its_own(wall):
    """Does a worker that was forked leave its parent's boxes alone?"""
    script = f"""
import os
from graders.sandbox import Box, walls
(wall,) = [wall for wall in walls() if wall.name == {wall.name!r}]
box = Box(wall=wall)
source = "import os\\nf = os.getpid()"
ours = box.define(source, "f")
worker = os.fork()
with Box(wall=wall) as own:
    own.define(source, "f")
if worker:
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    assert box.define(source, "f") == ours
"""
    done = run_to_end([sys.executable, "-c", script], cwd=ROOT)
    assert done.returncode == 0, done.stderr


@each_wall
def test_threads_of_one_box_leave_its_neighbour_its_own(wall):
    """Can a box start threads while another holds all that it can get?"""
    source = """
import threading, time
def f(wanted, held=[]):
    try:
        for started in range(wanted):
            held.append(threading.Thread(target=time.sleep, args=(20,), daemon=True))
            held[-1].start()
    except RuntimeError:
        return started
    return wanted
"""
    with Box(wall=wall) as greedy, Box(wall=wall) as modest:
        assert greedy.define(source, "f")(1000) > 40
        assert modest.define(source, "f")(40) == 40


@each_wall
def test_a_box_knows_its_own_folder_alone(wall):
    """Do home, working folder and temporary files lie where the box may write, and does it find no other folder?"""
    source = "import os, tempfile\nf = [os.getcwd(), os.environ['HOME'], tempfile.gettempdir()]"
    with Box(wall=wall) as box:
        assert box.define(source, "f") == [str(box.folder)] * 3


@pytest.mark.parametrize("view", ["", "bwrap --bind / / --tmpfs /proc"], ids=["", "without /proc"])
def test_a_second_thread_is_noticed(view):
    """Would the server refuse to fork beside a thread, whose locks would stay locked in the fork?"""
    script = f"""
import runpy, threading, time
check = runpy.run_path({str(ROOT / "graders/sandbox/forking.py")!r})["check_alone"]
check()
threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
check()
"""
    words = [*view.split(), sys.executable, "-c", script]
    done = run_to_end(words)
    assert "more than one thread" in done.stderr


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root's boxes are kept apart by their users")
def test_boxes_that_cannot_be_kept_apart_get_a_server_each():
    """Is a server used for one box only, and gone with it, where boxes have no user namespaces of their own?"""

    class Plain(Bubblewrap):
        name = "bubblewrap without namespaces inside"

        def command(self, folder):
            program, *words = super().command(folder)
            return [program, "--disable-userns", *words]

    known = started_by(os.getpid())
    with Box(wall=Plain()) as one, Box(wall=Plain()) as other:
        folders = [Path(box.define("import os\nf = os.getcwd()", "f")) for box in (one, other)]
    assert folders[0].parent != folders[1].parent
    assert not any(folder.parent.exists() for folder in folders)
    assert started_by(os.getpid()) == known
