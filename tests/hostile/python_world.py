"""Python answers that want out: secrets, files, the network, processes, or all of the machine's time and room."""

from case import Case, python

DEF = "def days_late(due, returned):\n    "
TELL = "def got(f, *a):\n    try:\n        return str(f(*a))\n    except BaseException:\n        return 'x'\n"
NOT_READ = "a word of it stands in any result"

READING = python("reading secrets", {
    "read-secret": (NOT_READ, TELL + DEF + "return got(lambda: open('@secret@').read())"),
    "read-gradebook": (NOT_READ, TELL + DEF + "return got(lambda: open('@out@/gradebook.db', 'rb').read(99))"),
    "read-neighbour": (NOT_READ, TELL + DEF + "return got(lambda: open('@control@').read())"),
    "read-lessons": (NOT_READ, TELL + "import glob\n" + DEF + "return got(lambda: open('@root@/lessons/01-start-here.md').read())"),
    "read-keys": (NOT_READ, TELL + DEF + "return got(lambda: open('@root@/graders/keys/start-here.json').read())"),
    "read-seed": ("the seed stands in any result", TELL + "import os\n" + DEF + "return repr(dict(os.environ)) + got(lambda: open('/proc/1/environ').read()) + got(lambda: open(f'/proc/{os.getppid()}/environ').read())"),
    "read-command-lines": (NOT_READ, TELL + "import glob\n" + DEF + "return [got(lambda: open(p).read()) for p in glob.glob('/proc/[0-9]*/cmdline') if 'pytest' in got(lambda: open(p).read())] or 'x'"),
    "read-store": (NOT_READ, TELL + "import sqlite3\n" + DEF + "return got(lambda: sqlite3.connect('file:@out@/results.db?mode=ro', uri=True).execute('SELECT report FROM report').fetchall())"),
})  # fmt: skip

WRITING = python("writing secrets", {
    "write-gradebook": ("the gradebook changes", TELL + "import sqlite3\n" + DEF + "return got(lambda: sqlite3.connect('@out@/gradebook.db').execute('UPDATE grade SET auto_score = 99'))"),
    "write-neighbour": ("a neighbour's notebook changes", TELL + DEF + "return got(lambda: open('@control@', 'w').write('{}'))"),
    "cut-secret": ("a file of the instructor is cut", TELL + "import os\n" + DEF + "return got(os.truncate, '@secret@', 0)"),
    "write-open-folder": ("a file appears in a folder open to all", TELL + DEF + "return got(lambda: open('@open@/hostile-file', 'w').write('x'))"),
    "write-tmp": ("a file is left in a folder for temporary files", TELL + DEF + "return got(lambda: [open(p + '/hostile-file', 'w').write('x') for p in ('/tmp', '/var/tmp', '/dev/shm')])"),
})  # fmt: skip

CONFIG = python("config files", {
    "ipython-startup": ("a start-up file of IPython is written for the instructor", TELL + "import os\n" + DEF + "return got(lambda: (os.makedirs('@home@/.ipython/profile_default/startup'), open('@home@/.ipython/profile_default/startup/0.py', 'w').write('x')))"),
    "jupyter-config": ("a config file of Jupyter is written for the instructor", TELL + "import os\n" + DEF + "return got(lambda: (os.makedirs('@home@/.jupyter'), open('@home@/.jupyter/nbgrader_config.py', 'w').write('x')))"),
    "course-config": ("the course's config file changes", TELL + DEF + "return got(lambda: open('@root@/nbgrader_config.py', 'a').write('#'))"),
    "bashrc": ("a start-up file of the shell is written", TELL + DEF + "return got(lambda: open('@home@/.bashrc', 'a').write('touch /tmp/hostile-file'))"),
})  # fmt: skip

NETWORK = python("network", {
    "tcp": ("a connection arrives", TELL + "import socket\n" + DEF + "return got(lambda: socket.create_connection(('127.0.0.1', @tcp@), 1))"),
    "unix": ("a connection to a local socket arrives", TELL + "import socket\n" + DEF + "return got(lambda: socket.socket(socket.AF_UNIX).connect('@unix@'))"),
    "url": ("a page is fetched", TELL + "import urllib.request\n" + DEF + "return got(lambda: urllib.request.urlopen('http://127.0.0.1:@tcp@/').read())"),
    "dns": ("a name is asked for", TELL + "import socket\n" + DEF + "return got(socket.gethostbyname, 'example.com')"),
})  # fmt: skip

PROCESSES = python("processes", {
    "daemon": ("a process outlives the run", "import os, time\ntry:\n    if not os.fork():\n        os.setsid()\n        if not os.fork():\n            time.sleep(99)\n        os._exit(0)\nexcept OSError:\n    pass\n" + DEF + "return 'x'"),
    "popen": ("a program is started", TELL + "import subprocess\n" + DEF + "return got(lambda: subprocess.Popen(['/bin/sh', '-c', 'sleep 99 &']))"),
    "fork-bomb": ("processes multiply", "import os\n" + DEF + "while True:\n        os.fork()"),
    "threads": ("threads without end stop the machine", "import threading, time\n" + DEF + "while True:\n        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"),
    "kill-everybody": ("a process of ours is ended", "import os, signal\n" + DEF + "os.kill(-1, signal.SIGKILL)"),
    "stop-parent": ("the grader is stopped", "import os, signal\n" + DEF + "os.kill(os.getppid(), signal.SIGSTOP)"),
})  # fmt: skip

ENDLESS = python("endless loops", {
    "loop-in-call": ("it costs more than its limit", DEF + "while True:\n        pass"),
    "loop-ignores-sigint": ("it costs more than its limit", "import signal, time\nfor s in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU):\n    signal.signal(s, signal.SIG_IGN)\n" + DEF + "while True:\n        try:\n            time.sleep(9)\n        except BaseException:\n            pass"),
    "loop-in-cell": ("it costs more than its limit", "import time\nwhile True:\n    time.sleep(1)"),
    "regex": ("a pattern that backtracks hangs the grader", "import re\n" + DEF + "return re.match('(a+)+$', 'a' * 60 + 'b')"),
})  # fmt: skip

OUTPUT = python("endless output", {
    "print-forever": ("what is printed is kept", "while True:\n    print('x' * 10**6)"),
    "flood-channel": ("what is written to the channel is kept", "import os\nwhile True:\n    for fd in range(1, 9):\n        try:\n            os.write(fd, b'x' * 10**6)\n        except OSError:\n            pass"),
    "giant-value": ("a giant value fills the report", DEF + "return 'x' * 100_000_000"),
    "large-value": ("a large value fills the report", DEF + "return 'x' * 4_900_000"),
    "giant-error": ("a giant error fills the report", DEF + "raise ValueError('x' * 50_000_000)"),
    "giant-source": ("a giant answer is judged", "#" * 120_000, "0"),
})  # fmt: skip

ROOM = python("memory and disk", {
    "memory": ("more memory is taken than a sandbox has", DEF + "return len(bytearray(64 << 30))"),
    "memory-slowly": ("more memory is taken than a sandbox has", "held = []\n" + DEF + "while True:\n        held.append(bytes(64 << 20))"),
    "memfd": ("memory is hidden in files", "import os\n" + DEF + "return os.memfd_create('x')"),
    "disk": ("the disk is filled", DEF + "for i in range(99):\n        open(f'f{i}', 'wb').write(bytes(31 << 20))"),
    "inodes": ("the disk's entries are used up", "import os\n" + DEF + "for i in range(99_999):\n        os.mkdir(f'd{i}')"),
})  # fmt: skip

CASES: list[Case] = [*READING, *WRITING, *CONFIG, *NETWORK, *PROCESSES, *ENDLESS, *OUTPUT, *ROOM]
