"""`python -m tests.faults.full_log MODULE ...`: the module, run where nothing more can be written to its log."""

import os
import runpy
import sys

if __name__ == "__main__":
    _full = os.open("/dev/full", os.O_WRONLY)  # each write to it fails for want of space, as on a full volume
    for stream in (sys.stdout, sys.stderr):
        os.dup2(_full, stream.fileno())
    _, module, *sys.argv[1:] = sys.argv
    runpy.run_module(module, run_name="__main__", alter_sys=True)
