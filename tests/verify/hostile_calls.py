"""Makes system calls by their numbers and says how each ended; typed into the sandbox as text, never imported."""

import ctypes
import errno
import json
import sys

libc = ctypes.CDLL(None, use_errno=True)


def ending(number):
    zeros = [ctypes.c_long(0)] * 6
    if libc.syscall(ctypes.c_long(number), *zeros) >= 0:
        return "let through"
    return errno.errorcode[ctypes.get_errno()]


print(json.dumps({number: ending(int(number)) for number in json.loads(sys.argv[1])}))
