"""Does the fork server give every sandbox a clean start, keep nothing, and end with whoever needs it?"""

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
from student_words import in_student_words

from graders.commands.breakout_trial import find_child_processes
from graders.kernel.report import Mismatch
from graders.sandbox import Sandbox, fork_server, isolations, no_isolation, weakness
from graders.sandbox.isolation import Bubblewrap

ROOT = Path(__file__).resolve().parents[2]
HERE = [isolation for isolation in isolations() if not weakness(isolation)]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="isolation is for Linux alone")
each_isolation = pytest.mark.parametrize("isolation", HERE, ids=lambda isolation: isolation.name)
with_and_without = pytest.mark.parametrize("isolation", [no_isolation(), *HERE], ids=lambda isolation: isolation.name)


@pytest.fixture
def open_folder():
    """A folder that every user of this machine can open; it takes what a killed process leaves."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def server_of(isolation) -> int:
    """The number of the fork server itself, which bubblewrap starts in turn."""
    started = fork_server.servers(os.getpid()).server(isolation)._process.pid
    words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in {started, *find_child_processes(started)}}
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


@with_and_without
def test_two_sandboxes_are_forks_of_one_server_and_differ(isolation):
    """Are they of one parent, and is their chance their own?"""
    source = "import os, random, uuid\nf = (os.getppid(), random.random(), str(uuid.uuid4()))"
    with Sandbox(isolation=isolation) as one, Sandbox(isolation=isolation) as other:
        first, second = one.define(source, "f"), other.define(source, "f")
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert first[2] != second[2]


def test_what_an_answer_started_ends_with_it():
    """Without isolation, where an answer may start processes, does none of them live on?"""
    source = "import subprocess\nf = subprocess.Popen(['sleep', '3600']).pid"
    with Sandbox(isolation=no_isolation()) as sandbox:
        started = sandbox.define(source, "f")
        assert is_alive(started)
    assert living({started}) == set()


@pytest.mark.slow
@each_isolation
def test_two_thousand_sandboxes_leave_nothing(isolation):
    """Are memory, open files, threads, processes and folders the same after 2,000 sandboxes as after 50?"""

    def state() -> tuple:
        ours = len(list(Path("/proc/self/fd").iterdir()))
        theirs = len(list(Path(f"/proc/{server}/fd").iterdir())) if os.geteuid() == 0 else None
        return ours, theirs, find_child_processes(os.getpid()), list(folder.iterdir())

    def use(sandboxes: int) -> None:
        for number in range(sandboxes):
            with Sandbox(isolation=isolation) as sandbox:
                sandbox.define(f"kept = '{number}' * 100\ndef f(x): return x", "f")

    server, folder = server_of(isolation), fork_server.servers(os.getpid()).server(isolation).folder
    use(50)
    before, memory, threads = state(), kilobytes(server), threading.active_count()
    use(2000)
    assert state() == before
    assert threading.active_count() <= threads
    assert kilobytes(server) - memory < 512
    assert server_of(isolation) == server


@with_and_without
@pytest.mark.parametrize("harm", ["SIGKILL", "SIGSTOP"])
def test_a_lost_server_is_replaced(isolation, harm, monkeypatch):
    """Does a sandbox after the loss get a fresh server, and does nothing of the old one live on?"""
    monkeypatch.setattr(fork_server, "SECONDS_TO_ANSWER", 10 if harm == "SIGSTOP" else FAR_NET)
    server, known = server_of(isolation), find_child_processes(os.getpid())
    with Sandbox(isolation=isolation) as sandbox:
        waits = sandbox.define("import time\ndef f(): time.sleep(3600)", "f")
        sandboxes = find_child_processes(os.getpid()) - known
        os.kill(server, signal.Signals[harm])
        with Sandbox(isolation=isolation) as fresh:
            assert fresh.define("f = 1", "f") == 1
        with pytest.raises(Mismatch, match="it ended the Python process"), in_student_words():
            waits()
    assert len(sandboxes) == 1
    assert living({server, *sandboxes}) == set()
    assert not sandbox.folder.parent.exists()
    assert server_of(isolation) != server


@each_isolation
@pytest.mark.parametrize("stopped", [False, True], ids=["", "with a stopped server"])
def test_all_ends_with_the_process_that_judges(isolation, stopped, open_folder):
    """Does neither the server nor a sandbox outlive its user, however that ends?"""
    script = f"""
import sys, time
from graders.sandbox import Sandbox, isolations
(isolation,) = [isolation for isolation in isolations() if isolation.name == {isolation.name!r}]
sandbox = Sandbox(isolation=isolation)
print("there", flush=True)
time.sleep(60)
"""
    words = [sys.executable, "-c", script]
    scratch = os.environ | {"TMPDIR": str(open_folder)}
    with subprocess.Popen(words, cwd=ROOT, env=scratch, stdout=subprocess.PIPE, text=True) as judging:
        assert judging.stdout.readline() == "there\n"
        started = find_child_processes(judging.pid)
        if stopped:
            os.kill(next(pid for pid in started if find_child_processes(pid)), signal.SIGSTOP)
        judging.kill()
    assert len(started) >= 2
    assert living(started) == set()


@each_isolation
def test_a_server_outlives_the_thread_that_asked_for_it(isolation):
    """Does a sandbox that a thread started stay when the thread has ended?"""
    fork_server.servers.cache_clear()
    sandboxes = []
    thread = threading.Thread(target=lambda: sandboxes.append(Sandbox(isolation=isolation)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with sandboxes[0] as sandbox:
        assert sandbox.define("f = 1", "f") == 1


@each_isolation
def test_a_fork_of_ours_has_a_server_of_its_own(isolation):
    """Does a worker that was forked leave its parent's sandboxes alone?"""
    script = f"""
import os
from graders.sandbox import Sandbox, isolations
(isolation,) = [isolation for isolation in isolations() if isolation.name == {isolation.name!r}]
sandbox = Sandbox(isolation=isolation)
source = "import os\\nf = os.getpid()"
ours = sandbox.define(source, "f")
worker = os.fork()
with Sandbox(isolation=isolation) as own:
    own.define(source, "f")
if worker:
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    assert sandbox.define(source, "f") == ours
"""
    done = run_to_end([sys.executable, "-c", script], cwd=ROOT)
    assert done.returncode == 0, done.stderr


@each_isolation
def test_threads_of_one_sandbox_leave_its_neighbour_its_own(isolation):
    """Can a sandbox start threads while another holds all that it can get?"""
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
    with Sandbox(isolation=isolation) as greedy, Sandbox(isolation=isolation) as modest:
        assert greedy.define(source, "f")(1000) > 40
        assert modest.define(source, "f")(40) == 40


@each_isolation
def test_a_sandbox_knows_its_own_folder_alone(isolation):
    """Do home, working folder and temporary files lie where the sandbox may write, and does it find no other folder?"""
    source = "import os, tempfile\nf = [os.getcwd(), os.environ['HOME'], tempfile.gettempdir()]"
    with Sandbox(isolation=isolation) as sandbox:
        assert sandbox.define(source, "f") == [str(sandbox.folder)] * 3


@pytest.mark.parametrize("view", ["", "bwrap --bind / / --tmpfs /proc"], ids=["", "without /proc"])
def test_a_second_thread_is_noticed(view):
    """Would the server refuse to fork beside a thread, whose locks would stay locked in the fork?"""
    script = f"""
import runpy, threading, time
check = runpy.run_path({str(ROOT / "graders/sandbox/in_sandbox/fork.py")!r})["check_alone"]
check()
threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
check()
"""
    words = [*view.split(), sys.executable, "-c", script]
    done = run_to_end(words)
    assert "more than one thread" in done.stderr


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() == 0, reason="root's sandboxes are kept apart by their users"
)
def test_sandboxes_that_cannot_be_kept_apart_get_a_server_each():
    """Is a server used for one sandbox only, and gone with it, where sandboxes have no user namespaces of their own?"""

    class Plain(Bubblewrap):
        name = "bubblewrap without namespaces inside"

        def command(self, folder):
            program, *words = super().command(folder)
            return [program, "--disable-userns", *words]

    known = find_child_processes(os.getpid())
    with Sandbox(isolation=Plain()) as one, Sandbox(isolation=Plain()) as other:
        folders = [Path(sandbox.define("import os\nf = os.getcwd()", "f")) for sandbox in (one, other)]
    assert folders[0].parent != folders[1].parent
    assert not any(folder.parent.exists() for folder in folders)
    assert find_child_processes(os.getpid()) == known
