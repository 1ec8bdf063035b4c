#!/usr/bin/env python3
"""Runs a program on a terminal of its own and types at it, for tests of what a person meets.

typed.py STEPS PROGRAM [ARGUMENT...]

STEPS is a JSON file: a list of pairs. The first of a pair is waited for in what the program writes behind the pair before, the second is
then typed. Writes what came, with '\\r' taken out, and ends with the program's status; 70 where something waited for did not come.
"""
import json
import os
import pty
import select
import sys
import time

SECONDS_MAX = 30


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        steps = json.load(file)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.argv[2], sys.argv[2:])
    seen, place, status = b"", 0, None
    deadline = time.monotonic() + SECONDS_MAX
    for wanted, typed in steps + [[None, ""]]:
        while wanted is None or wanted.encode() not in seen[place:]:
            ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
            try:
                block = os.read(terminal, 65536) if ready else b""
            except OSError:   # what a terminal says once nobody holds its other end
                block = b""
            if not block:
                break
            seen += block
        if wanted is None:
            break
        if wanted.encode() not in seen[place:]:
            print(f"typed.py: {wanted!r} did not come", file=sys.stderr)
            status = 70
            os.kill(child, 9)
            break
        place = seen.index(wanted.encode(), place) + len(wanted.encode())
        os.write(terminal, typed.encode())
    sys.stdout.write(seen.decode(errors="replace").replace("\r", ""))
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(ended if status is None else status)


main()
