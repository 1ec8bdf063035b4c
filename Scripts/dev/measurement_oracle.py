#!/usr/bin/env python3
"""Recomputes every MRENCLAVE of a vector file, apart from the Swift code and on hashlib only.

    Scripts/dev/measurement_oracle.py Tests/Vectors/measurement-vectors.json

A measurement is the SHA-256 of 64-byte records, in the order in which the leaves ran (SDM volume 3D, the operation
sections of ECREATE, EADD and EEXTEND). Exit status 1 if a vector differs.
"""
import hashlib
import json
import sys
from struct import pack

PAGE, CHUNK = 4096, 256
TCS_TYPE = 1


def tcs(flags, ossa, nssa, oentry):
    """A TCS page: STATE, FLAGS, OSSA, CSSA, NSSA, OENTRY, AEP, OFSBASE, OGSBASE, FSLIMIT, GSLIMIT."""
    fields = pack("<QQQIIQQQQII", 0, flags, ossa, 0, nssa, oentry, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF)
    return fields.ljust(PAGE, b"\0")


# The file gives a page's hash and ends only, so the bytes come from the description of each page.
PAGES = {
    "Z": bytes(PAGE),
    "A": b"\x11" * PAGE,
    "B": b"\x22" * PAGE,
    "CNT": pack("<1024I", *range(1024)),
    "TCS_A": tcs(0, 0x1000, 1, 0),
    "TCS_B": tcs(0, 0x2000, 2, 0x1000),
    "TCS_C": tcs(2, 0x2000, 2, 0x1000),  # FLAGS.AEXNOTIFY, which EADD leaves alone
    "SSF": bytes(PAGE - 8) + pack("<Q", 0x700000002001),  # the shadow stack's token: an address
}


def ecreate(ssa_frame_size, size, cet_leg_bitmap_offset):
    return pack("<8sIQQ36x", b"ECREATE", ssa_frame_size, size, cet_leg_bitmap_offset)


def eadd(offset, secinfo_flags):
    if secinfo_flags >> 8 & 0xFF == TCS_TYPE:
        secinfo_flags &= ~7  # a TCS page has no R, W, X; EADD clears them before it measures
    return pack("<8sQQ40x", b"EADD", offset, secinfo_flags)


def eextend(offset, page_name):
    start = offset % PAGE
    return pack("<8sQ48x", b"EEXTEND", offset) + PAGES[page_name][start:start + CHUNK]


def steps(op):
    """The records of one step: `add` an unmeasured page, `ext` one chunk, `page` an add with its chunks (all by default)."""
    kind, offset = op[0], int(op[1], 16)
    if kind == "add":
        yield eadd(offset, int(op[2], 16))
    elif kind == "ext":
        yield eextend(offset, op[2])
    elif kind == "page":
        yield eadd(offset, int(op[2], 16))
        for chunk in op[4] if len(op) > 4 else range(PAGE // CHUNK):
            yield eextend(offset + chunk * CHUNK, op[3])
    else:
        raise ValueError(f"unknown step {kind!r}")


def check(vector):
    """What differs in a vector, as text; empty if nothing does."""
    stream = ecreate(vector["ssaframesize"], int(vector["size"], 16), vector["cet_leg_bitmap_offset"])
    stream += b"".join(record for op in vector["ops"] for record in steps(op))
    blocks, digest = len(stream) // 64, hashlib.sha256(stream).hexdigest()
    if blocks != vector["blocks"]:
        return f"{blocks} blocks, the file says {vector['blocks']}"
    if digest != vector["mrenclave"]:
        return f"{digest}, the file says {vector['mrenclave']}"
    return ""


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: measurement_oracle.py VECTORS.json")
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    for name, page in document["pages"].items():
        if hashlib.sha256(PAGES[name]).hexdigest() != page["sha256"]:
            sys.exit(f"page {name} is not what the file says")
    differing = 0
    for vector in document["vectors"]:
        problem = check(vector)
        differing += bool(problem)
        print(f"{vector['id']:20} {'differs: ' + problem if problem else 'agrees'}")
    print(f"{len(document['vectors']) - differing} agree, {differing} differ")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
