"""Answers to the lesson on backup and restore that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

BACKUP = "import os, sqlite3\ndef backup(source, target):\n"
VERIFY = "import os\ndef verify(path, expected):\n"
RECOVER = "import os\ndef recover(copies, taken, changes, moment, target):\n"

TRIES = [
    *tries(
        "write-a-backup",
        {
            "backup-folder": ("a folder stands where a file is read", BACKUP + "    os.mkdir(target + '.part')\n"),
            "backup-many-files": (
                "our look at the folder takes too long",
                BACKUP + "    for n in range(500):\n        open(f'{target}{n}', 'w').close()\n",
            ),
            "backup-large-file": (
                "a file of ours is read that fills our memory",
                BACKUP + "    with open(target, 'wb') as file:\n        file.truncate(30_000_000)\n",
            ),
            "backup-for-ever": ("it never ends", BACKUP + "    while True:\n        os.path.exists(target)\n"),
            "backup-no-source": ("the live database is gone", BACKUP + "    os.remove(source)\n"),
            "backup-spoils-source": (
                "our own writer breaks",
                BACKUP + "    sqlite3.connect(source).executescript('DROP TABLE accounts; DROP TABLE transfers')\n",
            ),
            "backup-locks-source": (
                "our own writer waits for a lock",
                BACKUP + "    global c\n    c = sqlite3.connect(source)\n    c.execute('BEGIN EXCLUSIVE')\n",
            ),
            "backup-hostile-file": (
                "what we restore is made to break the engine",
                BACKUP + "    open(target, 'wb').write(b'SQLite format 3\\x00' + bytes(range(256)) * 40)\n",
            ),
            "backup-ends-process": ("the process ends", BACKUP + "    os._exit(0)\n"),
        },
    ),
    *tries(
        "verify-a-copy",
        {
            "verify-by-size": (
                "verdicts are guessed from the size of the file",
                VERIFY + "    return os.path.exists(path) and os.path.getsize(path) % 4096 == 0\n",
            ),
            "verify-by-count": (
                "verdicts are guessed from the number of the call",
                VERIFY + "    verify.calls = getattr(verify, 'calls', 0) + 1\n    return verify.calls <= 3\n",
            ),
            "verify-odd-value": ("our reading of the value breaks", VERIFY + "    return {'a': [None]}\n"),
        },
    ),
    *tries(
        "keep-the-newest-good",
        {
            "rotate-odd-values": (
                "our reading of the names breaks",
                "def expired(backups, today):\n    return [None, 3, ['a']]\n",
            ),
            "rotate-strange-names": (
                "names are given that are not in the folder",
                "def expired(backups, today):\n    return ['x' * 100000]\n",
            ),
        },
    ),
    *tries(
        "recover-the-bank",
        {
            "recover-removes-all": (
                "the copies are gone when we look at them",
                RECOVER + "    for path in copies:\n        os.remove(path)\n",
            ),
            "recover-newest": (
                "the copy from after the accident is taken",
                RECOVER + "    os.rename(copies[-1], target)\n",
            ),
        },
    ),
]
