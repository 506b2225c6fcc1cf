"""Backup functions that no lesson shows, sound and faulty: the faults of copied scripts and of incidents."""

TEMP = """
import os, shutil, sqlite3
from pathlib import Path

def fresh(target):
    temp = target + ".part"
    if os.path.exists(temp):
        os.remove(temp)
    return temp

def read_only(source):
    return sqlite3.connect(f"file:{source}?mode=ro", uri=True)
"""


def function(body, setup=TEMP):
    """The text of a cell whose `backup` has this body."""
    lines = "\n".join(f"    {line}" if line else "" for line in body.strip("\n").splitlines())
    return f"{setup}\ndef backup(source, target):\n{lines}\n"


SOUND = {
    "pages, then a new name": """
temp = fresh(target)
with read_only(source) as old:
    new = sqlite3.connect(temp)
    old.backup(new, pages=5)
    new.close()
os.replace(temp, target)
""",
    "VACUUM INTO, then a new name": """
if not os.path.exists(source):
    raise FileNotFoundError(source)
temp = fresh(target)
sqlite3.connect(source).execute("VACUUM INTO ?", (temp,))
Path(temp).rename(target)
""",
    "bytes in memory": """
content = read_only(source).serialize()
with open(target + ".part", "wb") as file:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
os.replace(target + ".part", target)
""",
    "the file, while nobody may write": """
old = sqlite3.connect(f"file:{source}?mode=rw", uri=True, isolation_level=None)
old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
old.execute("BEGIN IMMEDIATE")
shutil.copyfile(source, target + ".part")
old.execute("ROLLBACK")
os.replace(target + ".part", target)
""",
    "rows in one transaction": """
old, new = read_only(source), sqlite3.connect(fresh(target), isolation_level=None)
old.execute("BEGIN")
new.executescript("\\n".join(old.iterdump()))
new.execute(f"PRAGMA user_version = {old.execute('PRAGMA user_version').fetchone()[0]}")
new.close()
shutil.move(target + ".part", target)
""",
    "into a folder of its own": """
import tempfile
with tempfile.TemporaryDirectory(dir=os.path.dirname(target)) as folder:
    temp = os.path.join(folder, "copy.db")
    new = sqlite3.connect(temp)
    read_only(source).backup(new)
    new.close()
    os.replace(temp, target)
""",
    "tried again when it fails": """
last = None
for attempt in range(3):
    try:
        new = sqlite3.connect(fresh(target))
        read_only(source).backup(new)
        new.close()
        os.replace(target + ".part", target)
        return
    except sqlite3.Error as error:
        last = error
raise last
""",
}

FAULTY = {
    "cp": ("quiet: copied rows", "shutil.copy(source, target)"),
    "cp, then mv": (
        "quiet: copied rows",
        'shutil.copy(source, target + ".part")\nos.replace(target + ".part", target)',
    ),
    "cp with the log beside it": (
        "quiet: copied rows",
        "for end in ('', '-wal'):\n    os.path.exists(source + end) and shutil.copy2(source + end, target + end)",
    ),
    "a loop of reads": (
        "quiet: copied rows",
        """
with open(source, "rb") as old, open(target + ".part", "wb") as new:
    while block := old.read(4096):
        new.write(block)
os.replace(target + ".part", target)
""",
    ),
    "mv": ("quiet: rows", "os.rename(source, target)"),
    "log moved to the file, then cp": (
        "writers: copied ",
        """
sqlite3.connect(f"file:{source}?mode=rw", uri=True).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
shutil.copyfile(source, target + ".part")
os.replace(target + ".part", target)
""",
    ),
    "the wrong way round": (
        "quiet: empty file",
        "old, new = sqlite3.connect(source), sqlite3.connect(target)\nnew.backup(old)",
    ),
    "never renamed": (
        "quiet: no file",
        "new = sqlite3.connect(fresh(target))\nread_only(source).backup(new)\nnew.close()",
    ),
    "never committed": (
        "quiet: empty file",
        """
new = sqlite3.connect(fresh(target))
new.execute("BEGIN")
for (sql,) in read_only(source).execute("SELECT sql FROM sqlite_schema").fetchall():
    new.execute(sql)
new.close()
os.replace(target + ".part", target)
""",
    ),
    "schema only": (
        "quiet: rows",
        """
new = sqlite3.connect(fresh(target))
for (sql,) in read_only(source).execute("SELECT sql FROM sqlite_schema").fetchall():
    new.execute(sql)
new.close()
os.replace(target + ".part", target)
""",
    ),
    "one table of two": (
        "quiet: no table",
        """
new = sqlite3.connect(fresh(target))
new.execute("ATTACH ? AS old", (source,))
new.execute("CREATE TABLE accounts AS SELECT * FROM old.accounts")
new.close()
os.replace(target + ".part", target)
""",
    ),
    "tables without their indexes": (
        "quiet: objects",
        """
new = sqlite3.connect(fresh(target), isolation_level=None)
new.execute("ATTACH ? AS old", (source,))
new.execute("BEGIN")
for name in ("accounts", "transfers", "letters"):
    new.execute(f"CREATE TABLE {name} AS SELECT * FROM old.{name}")
new.execute("COMMIT")
new.close()
os.replace(target + ".part", target)
""",
    ),
    "a dump": (
        "quiet: user_version",
        """
old, new = read_only(source), sqlite3.connect(fresh(target))
old.isolation_level = None
old.execute("BEGIN")
new.executescript("\\n".join(old.iterdump()))
new.close()
os.replace(target + ".part", target)
""",
    ),
    "a dump, table by table": (
        "writers: no moment",
        """
old, new = read_only(source), sqlite3.connect(fresh(target))
new.executescript("\\n".join(old.iterdump()))
new.execute("PRAGMA user_version = 7")
new.close()
os.replace(target + ".part", target)
""",
    ),
    "pages of rows": (
        "writers: ",
        """
old, new = read_only(source), sqlite3.connect(fresh(target))
for (sql,) in old.execute("SELECT sql FROM sqlite_schema").fetchall():
    new.execute(sql)
for table in ("accounts", "transfers", "letters"):
    start = 0
    while rows := old.execute(f"SELECT * FROM {table} LIMIT 10 OFFSET {start}").fetchall():
        new.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        start += 10
new.execute("PRAGMA user_version = 7")
new.commit()
new.close()
os.replace(target + ".part", target)
""",
    ),
    "only if there is none yet": (
        "writers: rows",
        """
if not os.path.exists(target):
    new = sqlite3.connect(fresh(target))
    read_only(source).backup(new)
    new.close()
    os.replace(target + ".part", target)
""",
    ),
    "straight to its name": (
        "cut: empty file",
        "new = sqlite3.connect(target)\nread_only(source).backup(new)\nnew.close()",
    ),
    "VACUUM INTO its name": (
        "cut: ",
        """
if os.path.exists(target):
    os.remove(target)
sqlite3.connect(f"file:{source}?mode=rw", uri=True).execute("VACUUM INTO ?", (target,))
""",
    ),
    "the old one removed first": (
        "cut: no file",
        """
new = sqlite3.connect(fresh(target))
read_only(source).backup(new)
new.close()
if os.path.exists(target):
    os.remove(target)
os.rename(target + ".part", target)
""",
    ),
    "bytes straight to its name": (
        "cut: ",
        'content = read_only(source).serialize()\nwith open(target, "wb") as file:\n    file.write(content)',
    ),
    "a copy of a copy": (
        "cut: ",
        """
new = sqlite3.connect(fresh(target))
read_only(source).backup(new)
new.close()
shutil.copy(target + ".part", target)
os.remove(target + ".part")
""",
    ),
    "a log of its own": (
        "cut: ",
        """
new = sqlite3.connect(target)
new.execute("PRAGMA journal_mode = wal")
read_only(source).backup(new)
""",
    ),
    "yesterday's rest is in the way": (
        "next night: exception",
        """
if not os.path.exists(source):
    raise FileNotFoundError(source)
sqlite3.connect(source).execute("VACUUM INTO ?", (target + ".part",))
os.replace(target + ".part", target)
""",
    ),
    "except: pass": (
        "full: silence",
        """
try:
    new = sqlite3.connect(fresh(target))
    read_only(source).backup(new)
    new.close()
    os.replace(target + ".part", target)
except Exception:
    pass
""",
    ),
    "renamed, come what may": (
        "full: ",
        """
new = sqlite3.connect(fresh(target))
try:
    read_only(source).backup(new)
except sqlite3.Error as error:
    print("backup failed:", error)
new.close()
os.replace(target + ".part", target)
""",
    ),
    "a source that is made up": (
        "no source: ",
        """
new = sqlite3.connect(fresh(target))
sqlite3.connect(source).backup(new)
new.close()
os.replace(target + ".part", target)
""",
    ),
    "no source, no word": (
        "no source: silence",
        """
if os.path.exists(source):
    new = sqlite3.connect(fresh(target))
    read_only(source).backup(new)
    new.close()
    os.replace(target + ".part", target)
""",
    ),
}
