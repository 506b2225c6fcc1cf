"""Python answers that reach for the checking code, for their own result, or for the channel it goes through."""

from case import Case, python

DEF = "def days_late(due, returned):\n    "
CHANNEL = """
import os
def say(line):
    for fd in range(3, 64):
        try:
            os.write(fd, line.encode() + b"\\n")
        except OSError:
            pass
"""

MARKED = "a claim of the grader is taken for held"
REACHING = python("reaching into the checks", {
    "patch-judge": (MARKED, "import sys\nfor m in list(sys.modules.values()):\n    if hasattr(m, 'judge'):\n        m.judge = lambda *a: None\n" + DEF + "return 'x'"),
    "import-grader": ("the grader's code is imported", "import graders.kernel.judge as j\nj._try = None\n" + DEF + "return 'x'"),
    "walk-frames": ("a frame of the grader is found", "import sys\nf = sys._getframe()\nwhile f.f_back:\n    f = f.f_back\nf.f_globals['encode'] = lambda v: 0\n" + DEF + "return 'x'"),
    "search-gc": ("an expected value is found in memory", "import gc\nseen = [o for o in gc.get_objects() if isinstance(o, dict) and 'expected' in o]\n" + DEF + "return len(seen)"),
    "settrace": ("a tracer changes what is returned to the grader", "import sys\ndef t(frame, event, arg):\n    return t\nsys.settrace(t)\n" + DEF + "return 'x'"),
    "set-profile": ("a profiler skips the call", "import sys, threading\nthreading.setprofile(lambda *a: 1 / 0)\nsys.setprofile(lambda *a: None)\n" + DEF + "return 'x'"),
    "shadow-json": ("a submitted module is imported by the grader", "open('json.py', 'w').write('def loads(t): return {\"value\": None}')\n" + DEF + "return 'x'"),
    "shadow-sitecustomize": ("a start-up file runs in the grader", "import os\nfor n in ('sitecustomize.py', 'usercustomize.py', 'x.pth'):\n    open(os.path.join(os.environ['HOME'], n), 'w').write('import os; os._exit(0)')\n" + DEF + "return 'x'"),
    "patch-encode": ("a patched writer of results earns marks", "import __main__\n__main__.encode = lambda v: {'tuple': []}\n__main__.call = lambda f, a: {'value': None}\n" + DEF + "return 'x'"),
    "raise-systemexit": (MARKED, "import sys\n" + DEF + "sys.exit(0)"),
    "raise-mismatch": ("an exception with the name of ours is taken for ours", "class Mismatch(Exception): pass\n" + DEF + "raise Mismatch('', '', '')"),
    "atexit": ("an exit handler outlives the sandbox", "import atexit, os\natexit.register(lambda: open('@open@/left-by-atexit', 'w'))\n" + DEF + "return 'x'"),
    "ast-transformer": ("a transformer rewrites the call", "get_ipython().ast_transformers.append(None)\n" + DEF + "return 'x'"),
    "builtins": ("patched builtins reach the grader", "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: 0\nbuiltins.max = lambda *a: 0\n" + DEF + "return 'x'"),
})  # fmt: skip

EQUAL = python("equal to everything", {
    "equal-object": ("an object that equals everything is a right value", "class E:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __lt__ = __gt__ = __le__ = __ge__ = __eq__\n    __hash__ = lambda s: 0\n" + DEF + "return E()"),
    "equal-int": ("an int that equals everything is a right value", "class E(int):\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = int.__hash__\n" + DEF + "return E(7777)"),
    "equal-str": ("a str that lies about itself is a right value", "class E(str):\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = str.__hash__\n    __str__ = __repr__ = lambda s: E('0')\n" + DEF + "return E('x')"),
    "lying-dict": ("a dict that lies about itself is a right value", "class E(dict):\n    __eq__ = lambda s, o: True\n    items = lambda s: [(1, 2)]\n    __hash__ = lambda s: 1\n" + DEF + "return E(a=1)"),
    "lying-class": ("an object that says it is an int is one", "class E:\n    __class__ = int\n    __eq__ = lambda s, o: True\n    __int__ = __index__ = lambda s: 0\n" + DEF + "return E()"),
    "float-nan": ("a NaN passes a comparison", DEF + "return float('nan')"),
    "bool-for-int": ("True counts as 1 day", DEF + "return None if returned is None else (returned > due)", "0.67"),
    "mock": ("a mock that accepts everything is a right value", "from unittest.mock import MagicMock\ndays_late = MagicMock()"),
})  # fmt: skip

OTHER_DATA = python("other data than open data", {
    "second-call": ("the first answers count for all", "n = 0\ndef days_late(due, returned):\n    global n\n    n += 1\n    return max(0, (returned - due).days) if n < 10 else -5"),
    "open-data-only": ("answers learnt from the open data count on others", "known = {('2026-01-31', '2026-02-05'): 5}\ndef days_late(due, returned):\n    return known.get((str(due), str(returned)), 'x')"),
    "random-answer": ("luck is a mark", "import random\n" + DEF + "return random.randint(-9, 9)"),
})  # fmt: skip

CHANNEL_CASES = python("the sandbox's channel", {
    "ahead-define": ("a reply sent ahead is a mark", CHANNEL + "say('{\"function\": true}')\n" + DEF + "return 'x'"),
    "ahead-none": ("replies sent ahead are marks", CHANNEL + "say('{\"value\": null}')\n" + DEF + "return 'x'"),
    "forged-missing": ("a reply of a wrong kind breaks a check", CHANNEL + "say('{\"missing\": 1}')\n" + DEF + "return 0"),
    "forged-missing-deep": ("a reply of a wrong kind breaks a check", CHANNEL + "say('{\"missing\": [[1], {}, null]}')\n" + DEF + "return 0"),
    "forged-error-giant": ("a forged error fills the report", CHANNEL + "say('{\"error\": \"' + 'x' * 4_000_000 + '\"}')\n" + DEF + "return 0"),
    "forged-error-kinds": ("a forged error breaks a check", CHANNEL + "say('{\"error\": {\"a\": [1]}, \"words\": 5, \"line\": [\"<script>\"]}')\n" + DEF + "return 0"),
    "forged-changed": ("a forged list of changes breaks a check", CHANNEL + DEF + "say('{\"value\": 0, \"changed\": {\"a\": 1}}')"),
    "two-tags": ("a value with two tags breaks a check", CHANNEL + DEF + "say('{\"value\": {\"tuple\": [], \"set\": []}}')"),
    "unknown-tag": ("an unknown tag breaks a check", CHANNEL + DEF + "say('{\"value\": {\"__reduce__\": [\"os.system\", \"id\"]}}')"),
    "tag-of-wrong-kind": ("a tag with the wrong content breaks a check", CHANNEL + DEF + "say('{\"value\": {\"bytes\": {\"dict\": 1}}}')"),
    "huge-decimal": ("a number too large to print hangs the grader", CHANNEL + DEF + "say('{\"value\": {\"decimal\": \"1e999999999\"}}')"),
    "huge-int": ("a number too large to read hangs the grader", CHANNEL + DEF + "say('{\"value\": ' + '9' * 1_000_000 + '}')"),
    "deep-value": ("a value nested too deep breaks the grader", CHANNEL + DEF + "say('{\"value\": ' + '[' * 100_000 + ']' * 100_000 + '}')"),
    "deep-list": ("a value nested too deep breaks a check", DEF + "v = []\n    for _ in range(900):\n        v = [v]\n    return v"),
    "not-json": ("a line that is no JSON breaks the grader", CHANNEL + DEF + "say('\\xff\\x00{')"),
    "not-an-object": ("a reply that is no object breaks the grader", CHANNEL + DEF + "say('[[\"value\", 0]]')"),
    "unhashable-set": ("a set that cannot be breaks a check", CHANNEL + DEF + "say('{\"value\": {\"set\": [[1], {\"dict\": [[{\"set\": []}, 1]]}]}}')"),
    "close-channel": ("a closed channel hangs the grader", "import os\nos.closerange(3, 64)\n" + DEF + "return 0"),
    "read-requests": ("reading the requests of the grader tells what is expected", "import os\n" + DEF + "return [os.read(fd, 10) for fd in range(3, 5)]"),
    "unplain-html": ("the name of a class is HTML on the page", "E = type('<img src=x onerror=alert(1)>', (), {})\n" + DEF + "return E()"),
    "error-html": ("the words of an error are HTML on the page", "E = type('<script>', (Exception,), {})\n" + DEF + "raise E('<script>alert(1)</script>')"),
})  # fmt: skip

CASES: list[Case] = [*REACHING, *EQUAL, *OTHER_DATA, *CHANNEL_CASES]
