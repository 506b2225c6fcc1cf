"""What runs inside the sandbox: a loop that calls what it is told to, an answer's functions or an engine's labs.

It is started as a script or, in isolation, forked (see `fork.py`), and knows nothing but the answer's text and the
arguments that it is handed. It reads one JSON object a line and writes one for each:

    {"call": name, "arguments": [...]}         a function of the answer, or a method; {"of": number} says of what
    {"define": text, "name": name}             before that, the answer's text; JavaScript and Java do the same
    {"value": ...} or {"error": type, ...}     what came of it

In the midst of a call, `{"ask": request}` is sent the other way: a method of a connection to a database elsewhere.
"""

import contextlib
import functools
import json
import os
import pathlib
import runpy
import sys
import threading
import time
import traceback

CELL = "<your cell>"
CLOCKS = ("time", "monotonic", "perf_counter")
HERE = pathlib.Path(__file__).parent
# Read before anything is locked, for in isolation these files may be out of reach; run when a connection is needed.
CONNECTIONS = {path.name.partition("_")[0]: path.read_text(encoding="utf-8") for path in HERE.glob("*_connection.py")}
PLAIN_DATA = next(path for path in (HERE / "plain_data.py", HERE.parent / "plain_data.py") if path.is_file())
plain_data = runpy.run_path(str(PLAIN_DATA))
encode, decode, NotPlain = plain_data["encode"], plain_data["decode"], plain_data["NotPlain"]


class Clock:
    """Time as a function sees it whose statements are interleaved with others': a sleep costs none, the clocks go on.

    To sleep is then to wait for a lock that is freed by whoever moves next, never by the clock. Once it is installed it
    stands before the functions of `time`; outside of `virtual` all go on as ever.
    """

    def __init__(self):
        self._sleep = time.sleep
        self._ahead = 0.0
        self._virtual = False

    def install(self):
        """Replace the clocks of this process, and `sleep`."""
        time.sleep = self.sleep
        for name in CLOCKS:
            setattr(time, name, self._moved(getattr(time, name), 1))
            setattr(time, f"{name}_ns", self._moved(getattr(time, f"{name}_ns"), 1_000_000_000))

    def _moved(self, read, unit):
        def now():
            return read() + type(read())(self._ahead * unit)

        return now

    def sleep(self, seconds, /):
        """Have every clock go on by `seconds` at once or, outside of `virtual`, sleep."""
        if not self._virtual or not seconds > 0:
            return self._sleep(seconds)
        self._ahead += float(seconds)
        return None

    @contextlib.contextmanager
    def virtual(self):
        """Let nobody sleep inside the `with`."""
        self._virtual = True
        try:
            yield
        finally:
            self._virtual = False


clock = Clock()


def limit(plan):
    """Bound this process, where the system can do so."""
    limits = plan["limits"]
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (limits["CPU"], limits["CPU"] + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (limits["CORE"], limits["CORE"]))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (limits["AS"], limits["AS"]))
    threading.Thread(target=leave_with_parent, daemon=True).start()


def leave_with_parent():
    """End this process with the one that started it, whatever a student's function does meanwhile."""
    parent, never = os.getppid(), threading.Event()
    while os.getppid() == parent:
        never.wait(1)
    os._exit(1)


def private_channel():
    """Keep the answer channel to ourselves and send what the answer prints nowhere."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return requests, channel


def describe_exception(error):
    """What is said of an exception: its type, its words, and the line of the student's cell it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CELL]
    line = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    words = error.msg if isinstance(error, SyntaxError) else str(error)
    return {"error": type(error).__name__, "words": str(words)[:500], "line": line}


def define(namespace, source, name):
    """Run the answer's text and say what it made of `name`."""
    exec(compile(source, CELL, "exec"), namespace)
    if name not in namespace:
        made = sorted(key for key in namespace if not key.startswith("__"))
        return {"missing": made[:20]}
    thing = namespace[name]
    return {"function": True} if callable(thing) else {"value": encode(thing)}


@functools.cache
def connection_class(engine):
    """The class of what stands for a connection to `engine`."""
    names = {"__name__": "connection"}
    exec(compile(CONNECTIONS[engine.lower()], f"<connection to {engine}>", "exec"), names)
    return names["Connection"]


def receive(argument, ask):
    """An argument as the function is given it: plain data, or a connection to a database that is elsewhere."""
    if isinstance(argument, dict) and "session" in argument:
        return connection_class(argument["engine"])(argument["session"], argument["state"], ask)
    return decode(argument)


def call(function, given, ask):
    """Call the student's function and give its value, and which of its arguments it changed."""
    arguments = [receive(argument, ask) for argument in given]
    connected = any(isinstance(argument, dict) and "session" in argument for argument in given)
    with clock.virtual() if connected else contextlib.nullcontext():
        reply = {"value": encode(function(*arguments))}
    if not connected:
        after = [encode(argument) for argument in arguments]
        reply["changed"] = [i for i, item in enumerate(after) if item != given[i]]
    return reply


class Answer:
    """The names that an answer defines; while a function is called, its connections ask over the same two streams."""

    def __init__(self, requests, channel, namespace=None):
        self._requests, self._channel = requests, channel
        self._namespace = {"__name__": "__answer__"} if namespace is None else namespace

    def reply(self, request):
        """Do what `request` says, and give the reply as JSON; SystemExit ends a call whose other end has gone."""
        if "each" in request:
            return self._reply_to_each(request)
        try:
            if "define" in request:
                return to_json(define(self._namespace, request["define"], request["name"]))
            return to_json(call(self._namespace[request["call"]], request["arguments"], self._ask))
        except NotPlain as error:
            return json.dumps({"unplain": str(error)})
        except BaseException as error:
            return json.dumps(describe_exception(error))

    def _reply_to_each(self, request):
        """The replies to calls with each of several arguments, up to the first that gives no value."""
        replies = []
        for arguments in request["each"]:
            replies.append(self.reply({"call": request["call"], "arguments": arguments}))
            if not replies[-1].startswith('{"value"'):
                break
        return f'{{"each": [{", ".join(replies)}]}}'

    def _ask(self, number, method, statement, parameters):
        """Call a method of the connection with this number, and give the reply."""
        message = {"call": method, "of": number, "arguments": encode([statement, parameters])}
        try:
            send(self._channel, to_json({"ask": message}))
            reply = json.loads(self._requests.readline())
        except (OSError, ValueError):
            # No `except Exception` of the function's can swallow the power cut.
            raise SystemExit from None
        if "rows" in reply:
            reply["rows"] = decode(reply["rows"])
        return reply


def to_json(reply):
    """The reply as JSON, in which a whole number can have no more digits than Python reads."""
    try:
        return json.dumps(reply)
    except ValueError:
        raise NotPlain("int of more than 4,300 digits") from None


def send(channel, text):
    """Write one line."""
    channel.write(text + "\n")
    channel.flush()


def serve(requests, channel, reply):
    """Give `reply` one request after the other, and write what it gives, until there are no more."""
    for line in iter(requests.readline, ""):
        send(channel, reply(json.loads(line)))


def main(lock=limit, open_labs=None):
    """Lock the sandbox by its plan, say so, and serve answers or labs; if a lock does not hold, say why and end."""
    # None keeps a module from being imported: https://docs.python.org/3/reference/import.html#the-module-cache
    sys.modules["graders"] = None  # type: ignore[assignment]
    clock.install()
    requests, channel = private_channel()
    try:
        plan = json.loads(requests.readline())
        lock(plan)
    except Exception as error:
        send(channel, json.dumps({"refused": f"{type(error).__name__}: {error}"[:300]}))
        return
    send(channel, json.dumps({"ready": True}))
    server = open_labs(encode, decode) if plan["serves"] == "labs" else Answer(requests, channel)
    serve(requests, channel, server.reply)


if __name__ == "__main__":
    main()
