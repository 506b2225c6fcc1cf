"""What runs inside the sandbox: a Python process that defines a student's answer and calls it on request.

It is started as a script or, in isolation, forked (see `forking`). It reads one JSON object a line and answers each
with one, and knows nothing but the answer's text and the arguments it is handed.
"""

import contextlib
import functools
import json
import os
import pathlib
import runpy
import sys
import threading
import traceback

CELL = "<your cell>"
HERE = pathlib.Path(__file__).parent
# Read before anything is locked, for in isolation these files may be out of reach; run when a wire is asked for.
WIRES = {
    engine: (HERE / name).read_text(encoding="utf-8")
    for engine, name in {"SQLite": "wire_sqlite.py", "DuckDB": "wire_duck.py"}.items()
}
plain = runpy.run_path(str(HERE / "plain.py"))
encode, decode, NotPlain = plain["encode"], plain["decode"], plain["NotPlain"]
clock = runpy.run_path(str(HERE / "clock.py"))["Clock"]()


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


def problem(error):
    """Tell of an exception: its type, its words, and the line of the student's cell it came from."""
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
def wire(engine):
    """What a connection to `engine` is made of."""
    names = {"__name__": "wire"}
    exec(compile(WIRES[engine], f"<wire to {engine}>", "exec"), names)
    return names["Connection"]


def received(argument, exchange):
    """An argument as the function is given it: plain data, or a wire to a database that is elsewhere."""
    if isinstance(argument, dict) and "session" in argument:
        return wire(argument["engine"])(argument["session"], argument["state"], exchange)
    return decode(argument)


def call(function, given, exchange):
    """Call the student's function and give its value, and which of its arguments it changed."""
    arguments = [received(argument, exchange) for argument in given]
    on_wires = any(isinstance(argument, dict) and "session" in argument for argument in given)
    with clock.virtual() if on_wires else contextlib.nullcontext():
        reply = {"value": encode(function(*arguments))}
    if not on_wires:
        after = [encode(argument) for argument in arguments]
        reply["changed"] = [i for i, item in enumerate(after) if item != given[i]]
    return reply


def serve(requests, channel):
    """Answer requests until there are no more."""
    namespace = {"__name__": "__answer__"}

    def exchange(message):
        """Ask one thing of a database, in the midst of a call."""
        say(channel, written({"ask": encode(message)}))
        return decode(json.loads(requests.readline())["told"])

    for line in iter(requests.readline, ""):
        request = json.loads(line)
        try:
            if "define" in request:
                reply = define(namespace, request["define"], request["name"])
            else:
                reply = call(namespace[request["call"]], request["arguments"], exchange)
            text = written(reply)
        except NotPlain as error:
            text = json.dumps({"unplain": str(error)})
        except BaseException as error:
            text = json.dumps(problem(error))
        say(channel, text)


def written(reply):
    """The reply as JSON, in which a whole number can have no more digits than Python reads."""
    try:
        return json.dumps(reply)
    except ValueError:
        raise NotPlain("int of more than 4,300 digits") from None


def say(channel, text):
    """Write one reply."""
    channel.write(text + "\n")
    channel.flush()


def serve_labs(requests, channel, serving):
    """Hold the labs of an engine's own process until there are no more requests."""
    for line in iter(requests.readline, ""):
        channel.write(serving.reply(line) + "\n")
        channel.flush()


def main(lock=limit, open_labs=None):
    """Lock the sandbox by its plan, say so, and serve answers or labs; if a lock does not hold, say why and end."""
    sys.modules["graders"] = None
    clock.install()
    requests, channel = private_channel()
    try:
        plan = json.loads(requests.readline())
        lock(plan)
    except Exception as error:
        say(channel, json.dumps({"refused": f"{type(error).__name__}: {error}"[:300]}))
        return
    say(channel, json.dumps({"ready": True}))
    if plan["serves"] == "labs":
        serve_labs(requests, channel, open_labs(encode, decode))
    else:
        serve(requests, channel)


if __name__ == "__main__":
    main()
