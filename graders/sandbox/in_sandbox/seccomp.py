"""The system calls that a sandbox is refused: a seccomp filter, loaded before any of a student's Python.

It runs inside the sandbox, as a script's part: it may import nothing of the course. A process may have threads but
start no other process, open no socket, and touch nothing that lies outside what it can open.
"""

import ctypes
import os
import platform
import struct

# The numbers on x86_64 and on aarch64, from the kernel's unistd.h; None where the machine has no such call.
REFUSED = {
    "processes": [(57, None), (58, None), (59, 221), (322, 281), (272, 97), (308, 268)],
    "sockets": [(41, 198), (42, 203), (49, 200), (50, 201)],
    "other processes": [
        *[(101, 117), (310, 270), (311, 271), (440, 440), (448, 448), (312, 272), (434, 434), (438, 438), (424, 424)],
        *[(200, 130), (129, 138), (297, 240), (141, 140), (142, 118), (144, 119), (314, 274), (203, 122), (251, 30)],
        *[(256, 238), (279, 239)],
    ],
    "mounts": [
        *[(165, 40), (166, 39), (155, 41), (161, 51), (430, 430), (431, 431), (432, 432), (433, 433), (428, 428)],
        *[(429, 429), (442, 442), (304, 265), (303, 264)],
    ],
    "the kernel": [
        *[(321, 280), (298, 241), (323, 282), (425, 425), (426, 426), (427, 427), (250, 219), (248, 217), (249, 218)],
        *[(179, 60), (163, 89), (167, 224), (169, 142), (175, 105), (313, 273), (246, 104), (164, 170), (227, 112)],
        *[(159, 171), (170, 161), (103, 116), (135, 92), (153, 58), (300, 262)],
    ],
    "memory that no limit counts": [(319, 279), (447, 447), (29, 194), (30, 196), (68, 186), (64, 190), (240, 180)],
    "links, pipes and devices in the folder, and cutting a file by its name": [
        *[(88, None), (266, 36), (86, None), (265, 37), (133, None), (259, 33), (76, 45)],
    ],
}
# chmod, chown, utime and the like say that they worked and do nothing: `shutil.copy` calls them in passing.
PRETENDED = [
    *[(90, None), (91, 52), (268, 53), (92, None), (93, 55), (94, None), (260, 54), (188, 5), (189, 6), (190, 7)],
    *[(197, 14), (198, 15), (199, 16), (132, None), (235, None), (261, None), (280, 88)],
]
SOCKETPAIR = (53, 199)
EXECVE = (59, 221)
# A program that starts others may fork, say which of its files are whose, and link them; it enters no namespace.
STARTING = [(57, None), (58, None), EXECVE, (88, None), (266, 36), (86, None), (265, 37), (76, 45)]
NEW_NAMESPACES = 0x7E020000
CLONE, CLONE3, KILL, TGKILL, PRLIMIT, PRCTL = (56, 220), (435, 435), (62, 129), (234, 131), (302, 261), (157, 167)
FCNTL, IOCTL = (72, 25), (16, 29)
FIRST_UNKNOWN = 451
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS, PRETEND = ERRNO | 1, ERRNO | 38, ERRNO
CLONE_THREAD, PARENT_DEATH_SIGNAL = 0x10000, 1
# A pair of streams is bound to itself, and asyncio needs one; a pair of any other kind can be sent anywhere.
STREAMS = (0x1, 0x801, 0x80001, 0x80801)
# A file, a pipe or a socket can be told which process gets which signal when there is something to read.
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16


def step(code, value, then=0, otherwise=0):
    """One instruction of the filter."""
    return struct.pack("=HBBI", code, then, otherwise, value)


def refusal(number, answer):
    """Give `answer` for one system call."""
    return step(EQUAL, number, 0, 1) + step(RETURN, answer)


def by_argument(number, test, values, if_so, if_not, position=0):
    """Decide on one system call by one argument: `if_so` where it meets `test` for one of `values`."""
    body = step(LOAD, FIRST_ARGUMENT + 8 * position)
    for value in values:
        body += step(test, value, 0, 1) + step(RETURN, if_so)
    body += step(RETURN, if_not)
    return step(EQUAL, number, 0, len(body) // 8) + body


def program(machine, pid, becomes=False, starts=False):
    """The filter for a process `pid` on a machine called as `platform.machine()` does; raise KeyError if unknown.

    One that `becomes` another program may do so: what it becomes stays behind the same locks, and so does what that
    `starts`, which is alone in a namespace of processes.
    """
    column, audit = MACHINES[machine]
    made = step(LOAD, MACHINE) + step(EQUAL, audit, 1, 0) + step(RETURN, KILL_PROCESS) + step(LOAD, NUMBER)
    made += step(AT_LEAST, FIRST_UNKNOWN, 0, 1) + step(RETURN, ENOSYS)
    made += refusal(CLONE3[column], ENOSYS)
    if starts:
        made += by_argument(CLONE[column], ANY_BIT, [NEW_NAMESPACES], EPERM, ALLOW)
    else:
        made += by_argument(CLONE[column], ANY_BIT, [CLONE_THREAD], ALLOW, EPERM)
    made += by_argument(PRCTL[column], EQUAL, [PARENT_DEATH_SIGNAL], EPERM, ALLOW)
    made += by_argument(PRLIMIT[column], EQUAL, [0] if starts else [0, pid], ALLOW, EPERM)
    made += by_argument(SOCKETPAIR[column], EQUAL, STREAMS, ALLOW, EPERM, position=1)
    made += by_argument(FCNTL[column], EQUAL, [F_SETOWN, F_SETSIG, F_SETOWN_EX], EPERM, ALLOW, position=1)
    made += by_argument(IOCTL[column], EQUAL, [FIOSETOWN, SIOCSPGRP], EPERM, ALLOW, position=1)
    for call in () if starts else (KILL, TGKILL):
        made += by_argument(call[column], EQUAL, [pid], ALLOW, EPERM)
    allowed = STARTING if starts else [EXECVE] if becomes else []
    refused = [(call, EPERM) for calls in REFUSED.values() for call in calls if call not in allowed]
    pretended = [] if starts else [(call, PRETEND) for call in PRETENDED]
    for call, answer in refused + pretended:
        if call[column] is not None:
            made += refusal(call[column], answer)
    return made + step(RETURN, ALLOW)


class Program(ctypes.Structure):
    """The kernel's `struct sock_fprog`."""

    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def load(libc, becomes=False, starts=False):
    """Load the filter for this process and all its threads to come; raise OSError if the kernel refuses it."""
    steps = program(platform.machine(), os.getpid(), becomes, starts)
    filled = Program(len(steps) // 8, steps)
    if libc.prctl(22, 2, ctypes.byref(filled), 0, 0):
        raise OSError(ctypes.get_errno(), "the seccomp filter was refused")
