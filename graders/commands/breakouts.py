"""Attempts to break out of a sandbox: small student sources, each of which says what it got hold of.

Each defines `attempt(at)`, where `at` says what is at stake (see `Stage`), and gives the list of what came through:
an empty list, an error, or a process that was ended means that the isolation held. The last three go sideways: into the
sandboxes of the same isolation (see `Neighbour`), and the server they are forked from.
"""

from __future__ import annotations

PRELUDE = '''
import ctypes, os, pathlib, signal, socket, sys, threading, time

def through(name, action, *arguments):
    """[name] if the action could be done."""
    try:
        action(*arguments)
    except (Exception, SystemExit):
        return []
    return [name]

def read(path):
    with open(path, "rb") as opened:
        opened.read(1)
'''

READ = """
def attempt(at):
    return [path for path in at[{what!r}] if through(path, read, path)]
"""
LIST = """
def attempt(at):
    got = [name for name in at["home names"] if through(name, read, os.path.join(at["home"], name))]
    try:
        return got + sorted(set(os.listdir(at["home"])) & set(at["home names"]))
    except OSError:
        return got
"""
PROC = """
def attempt(at):
    pid = at["pid"]
    files = [f"/proc/{pid}/{name}" for name in ("environ", "cmdline", "maps", "mem", "status")]
    got = [path for path in files if through(path, read, path)]
    try:
        return got + [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()][:3]
    except OSError:
        return got
"""
ENVIRONMENT = """
def attempt(at):
    known = {"PATH", "LANG", "HOME", "TMPDIR", "PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_"}
    return sorted(set(os.environ) - known) + [n for n, v in os.environ.items() if at["seed"] in v]
"""
COURSE = """
def attempt(at):
    sys.modules.pop("graders", None)
    def by_name():
        import graders.keys
    got = through("import graders", by_name) + [path for path in at["package"] if through(path, read, path)]
    for folder in sys.path:
        got += [str(path) for path in pathlib.Path(folder).glob("graders/*.py") if through("", read, path)]
    return got
"""
WRITE = """
def attempt(at):
    def write(path):
        open(path, "w").close()
        os.remove(path)
    got = []
    for folder in at["folders"]:
        path = os.path.join(folder, f"left-by-a-sandbox-{os.getpid()}")
        got += through(path, write, path)
    for path in at["secrets"]:
        got += through("cut " + path, os.truncate, path, 0)
        got += through("cut " + path, os.open, path, os.O_RDONLY | os.O_TRUNC)
        got += through("removed " + path, os.remove, path)
        got += through("linked " + path, os.symlink, path, "a-link")
    return got
"""
PERMISSIONS = """
def attempt(at):
    for path in [*at["secrets"], *at["folders"]]:
        through("", os.chmod, path, 0o777)
        through("", os.utime, path, (1, 1))
    return []
"""
TCP = """
def attempt(at):
    return through("TCP", socket.create_connection, ("127.0.0.1", at["tcp"]), 1)
"""
UDP = """
def attempt(at):
    return through("UDP", lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"out", ("127.0.0.1", at["udp"])))
"""
UNIX = """
def attempt(at):
    def send_from_a_pair():
        socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"out", at["local datagrams"])
    got = through("a local socket", lambda: socket.socket(socket.AF_UNIX).connect(at["local"]))
    return got + through("a datagram from a pair", send_from_a_pair)
"""
FORKS = """
def attempt(at):
    started = []
    for _ in range(200):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(3)
            os._exit(0)
        started.append(pid)
    return [f"{len(started)} processes"] if len(started) > 64 else []
"""
THREADS = """
def attempt(at):
    started = 0
    try:
        for _ in range(2000):
            threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    return [f"{started} threads"] if started > 500 else []
"""
MEMORY = """
def attempt(at):
    held = []
    def in_files():
        for _ in range(64):
            held.append(os.memfd_create("x"))
            os.write(held[-1], bytes(1 << 20))
    return through("4 GB", lambda: held.append(bytearray(4 << 30))) + through("memory in files", in_files)
"""
DISK = """
def attempt(at):
    for number in range(300):
        with open(f"fill-{number}", "wb") as file:
            for _ in range(2):
                file.write(bytes(8 << 20))
    return ["4.8 GB on disk"]
"""
MANY_FILES = """
def attempt(at):
    for number in range(200_000):
        open(f"f{number}", "w").close()
    return ["200000 files"]
"""
DEEP = """
def attempt(at):
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    time.sleep(1)
    return ["3000 folders in one another"]
"""
DAEMON = """
def attempt(at):
    def leave():
        if os.fork():
            return
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(30)
        os._exit(0)
    through("", leave)
    return []
"""
PARENT = """
def attempt(at):
    import resource
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for pid in {at["pid"], at["neighbour"], os.getppid()} - {0, 1}:
        got += through("signal", os.kill, pid, 0)
        got += ["handle"] if libc.syscall(434, pid, 0) >= 0 else []
        got += through("limits", resource.prlimit, pid, resource.RLIMIT_NOFILE)
        got += ["ptrace"] if libc.ptrace(0x4206, pid, 0, 0) == 0 else []
        got += through("memory", read, f"/proc/{pid}/mem")
    return got + through("every process", os.kill, -1, 0)
"""
OWNERS = """
def attempt(at):
    import fcntl, struct
    ours, got = socket.socketpair()[0], []
    for pid in {at["pid"], at["neighbour"], os.getppid()} - {0, 1}:
        got += through("F_SETOWN", fcntl.fcntl, ours, 8, pid)
        got += through("F_SETOWN_EX", fcntl.fcntl, ours, 15, struct.pack("ii", 1, pid))
        got += through("FIOSETOWN", fcntl.ioctl, ours, 0x8901, struct.pack("i", pid))
        got += through("SIOCSPGRP", fcntl.ioctl, ours, 0x8902, struct.pack("i", pid))
    return got + through("F_SETSIG", fcntl.fcntl, ours, 10, signal.SIGKILL)
"""
MOUNTS = """
def attempt(at):
    libc = ctypes.CDLL(None, use_errno=True)
    got = ["mount"] if libc.mount(b"none", at["scratch"].encode(), b"tmpfs", 0, None) == 0 else []
    got += ["user namespace"] if libc.unshare(0x10000000) == 0 else []
    return got + through("root", os.setuid, 0) * (os.getuid() != 0)
"""
OUTPUT = """
def attempt(at):
    line = b'{"value": []}' + b" " * 1_000_000 + b"\\n"
    ends = time.monotonic() + 3
    while time.monotonic() < ends:
        for channel in range(1, 12):
            through("", os.write, channel, line)
    return []
"""
NEIGHBOUR = """
def attempt(at):
    path = at["neighbour's file"]
    folder = os.path.dirname(path)
    def append():
        with open(path, "a") as file:
            file.write("x")
    got = through("read " + path, read, path) + through("wrote to " + path, append)
    got += through("cut " + path, os.open, path, os.O_RDONLY | os.O_TRUNC)
    got += through("moved " + path, os.rename, path, "mine") + through("removed " + path, os.remove, path)
    for place in (folder, os.path.dirname(folder)):
        got += through("listed " + place, os.listdir, place)
        got += through("made a folder in " + place, os.mkdir, os.path.join(place, "left-by-a-sandbox"))
    return got + through("moved " + folder, os.rename, folder, folder + "-moved")
"""
CHANNELS = """
def attempt(at):
    import stat
    sockets, pipes = [], []
    for number in range(4096):
        try:
            kind = os.fstat(number).st_mode
        except OSError:
            continue
        sockets += [f"socket {number}"] * stat.S_ISSOCK(kind)
        pipes += [f"pipe {number}"] * stat.S_ISFIFO(kind)
    return sockets + pipes[2:]
"""
MEMORY_OF_OTHERS = """
def attempt(at):
    import gc
    libc, got, most = ctypes.CDLL(None), [], 1 << 20
    out = os.open("seen", os.O_RDWR | os.O_CREAT)
    libc.sbrk.restype = ctypes.c_void_p
    def search(start, end):
        while start < end:
            size = libc.pwrite(out, ctypes.c_void_p(start), ctypes.c_size_t(end - start), ctypes.c_long(0))
            seen = os.pread(out, max(size, 0), 0)
            for first, second in at["secrets of others"]:
                place = -1
                while (place := seen.find(first.encode(), place + 1)) >= 0:
                    if seen[place + len(first):][:len(second)] == second.encode():
                        got.append(f"a secret at {start + place:x}")
            start += size if size > 0 else 4096
    heap = libc.sbrk(0) // most
    regions = {id(thing) // most for thing in gc.get_objects()} | set(range(heap - 32, heap + 1))
    for region in sorted(near for region in regions for near in (region, region + 1)):
        search(region * most, (region + 1) * most)
    return got
"""

ATTEMPTS = {
    "read the lessons with their solutions": READ.format(what="lessons"),
    "read a gradebook": READ.format(what="secrets"),
    "read the list of users": READ.format(what="users"),
    "look into the home folder": LIST,
    "look into other processes": PROC,
    "read the environment and the secret seed": ENVIRONMENT,
    "read the course's own package": COURSE,
    "write, cut, remove or link outside its folder": WRITE,
    "change permissions and times outside its folder": PERMISSIONS,
    "connect to a server on this machine": TCP,
    "send a datagram": UDP,
    "connect to a local socket": UNIX,
    "start processes without end": FORKS,
    "start threads without end": THREADS,
    "take 4 GB of memory": MEMORY,
    "fill the disk": DISK,
    "make files without end": MANY_FILES,
    "nest folders without end": DEEP,
    "leave a process behind": DAEMON,
    "signal, trace or limit the grader or a neighbour": PARENT,
    "have a pipe send signals to others": OWNERS,
    "mount, or become another user": MOUNTS,
    "flood the grader with output": OUTPUT,
    "reach a neighbour's files": NEIGHBOUR,
    "reach what the fork server holds open": CHANNELS,
    "find an earlier answer or a neighbour's in memory": MEMORY_OF_OTHERS,
}
