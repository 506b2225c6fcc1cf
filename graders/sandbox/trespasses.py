"""Attempts to break out sideways: into the sandboxes of the same isolation, and the server they are forked from.

They are written as those in `breakouts` are, and told of a `Neighbour` besides.
"""

from __future__ import annotations

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

TRESPASSES = {
    "reach a neighbour's files": NEIGHBOUR,
    "reach what the fork server holds open": CHANNELS,
    "find an earlier answer or a neighbour's in memory": MEMORY_OF_OTHERS,
}
