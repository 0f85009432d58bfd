"""Runs a command that is killed when it, or anything that it starts, asks Linux for a socket."""

import ctypes
import os
import platform
import struct
import sys

# The architecture as seccomp names it, and the number of socket(2) on it.
ARCHITECTURE, SOCKET = {
    "x86_64": (0xC000003E, 41),
    "aarch64": (0xC00000B7, 198),
}[platform.machine()]
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
KILL, ALLOW = 0x80000000, 0x7FFF0000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

instructions = [
    (LOAD, 0, 0, 4),  # the architecture
    (IF_EQUAL, 1, 0, ARCHITECTURE),
    (RETURN, 0, 0, KILL),
    (LOAD, 0, 0, 0),  # the number of the call
    (IF_EQUAL, 0, 1, SOCKET),
    (RETURN, 0, 0, KILL),
    (RETURN, 0, 0, ALLOW),
]
code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


libc = ctypes.CDLL(None, use_errno=True)
program = Program(len(instructions), code)
for call in (
    (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
    (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0),
):
    if libc.prctl(*call) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[1], sys.argv[1:])
