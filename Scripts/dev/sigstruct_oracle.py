#!/usr/bin/env python3
"""Judges SIGSTRUCT files, and recomputes the vectors of the tests, apart from the Swift code: integers and hashlib only.

    Scripts/dev/sigstruct_oracle.py FILE...                                    each file: good, or what is wrong; status 1 for a bad one
    Scripts/dev/sigstruct_oracle.py --vectors Tests/Vectors/sigstruct.json     builds the vectors from their primes and compares

The rules are those of EINIT (SDM volume 3D, EINIT, Operation): RSASSA-PKCS1-v1_5 with SHA-256 and exponent 3 over bytes 0 to 127
and 900 to 1027; Q1 and Q2 are the two quotients of reducing SIGNATURE^3, each exactly.
"""
import hashlib
import json
import sys
from struct import pack

SIZE = 1808
HEADER = bytes.fromhex("06000000e10000000000010000000000")
HEADER2 = bytes.fromhex("01010000600000006000000001000000")
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
RESERVED = [range(44, 128), range(910, 912), range(992, 1008), range(1028, 1040)]


def number(image, offset):
    return int.from_bytes(image[offset:offset + 384], "little")


def signed(image):
    return image[:128] + image[900:1028]


def message(digest):
    return int.from_bytes(b"\0\1" + b"\xff" * 330 + b"\0" + DIGEST_INFO + digest, "big")


def flaws(image):
    """What EINIT would refuse in the structure itself, in words."""
    if len(image) != SIZE:
        return [f"{len(image)} bytes instead of {SIZE}"]
    found = []
    if image[:16] != HEADER:
        found.append("HEADER")
    if image[16:20] not in (bytes(4), pack("<I", 0x8086)):
        found.append("VENDOR")
    if image[24:40] != HEADER2:
        found.append("HEADER2")
    if image[512:516] != pack("<I", 3):
        found.append("EXPONENT")
    if any(image[index] for area in RESERVED for index in area):
        found.append("reserved bytes")
    n, s, q1, q2 = number(image, 128), number(image, 516), number(image, 1040), number(image, 1424)
    if n % 2 == 0:
        return found + ["MODULUS is even"]
    if s >= n:
        return found + ["SIGNATURE is not below MODULUS"]
    if pow(s, 3, n) != message(hashlib.sha256(signed(image)).digest()):
        found.append("SIGNATURE")
    if q1 != s * s // n:
        found.append("Q1")
    if q2 != (s * s % n) * s // n:
        found.append("Q2")
    return found


def sign(image, p, q):
    """The image signed with the key of these primes."""
    n = p * q
    d = pow(3, -1, (p - 1) * (q - 1))
    image = bytearray(image)
    image[128:512] = n.to_bytes(384, "little")
    image[512:516] = pack("<I", 3)
    s = pow(message(hashlib.sha256(signed(bytes(image))).digest()), d, n)
    image[516:900] = s.to_bytes(384, "little")
    image[1040:1424] = (s * s // n).to_bytes(384, "little")
    image[1424:1808] = ((s * s % n) * s // n).to_bytes(384, "little")
    return bytes(image)


def build(vector):
    """The unsigned image that a vector describes."""
    image = bytearray(SIZE)
    image[:16], image[24:40] = HEADER, HEADER2
    for offset, layout, value in [
        (16, "<I", vector["vendor"]), (20, "<I", vector["date"]), (40, "<I", vector["swdefined"]),
        (900, "<I", vector["miscselect"]), (904, "<I", vector["miscmask"]),
        (928, "<QQ", vector["attributes"]), (944, "<QQ", vector["attributemask"]),
        (1024, "<H", vector["isvprodid"]), (1026, "<H", vector["isvsvn"]),
    ]:
        values = [int(item, 16) for item in (value if isinstance(value, list) else [value])]
        data = pack(layout, *values)
        image[offset:offset + len(data)] = data
    image[960:992] = bytes.fromhex(vector["enclavehash"])
    return bytes(image)


def check_vectors(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    wrong = 0
    for vector in vectors["sigstructs"]:
        key = vectors["keys"][vector["key"]]
        image = sign(build(vector), int(key["p"], 16), int(key["q"], 16))
        expected = vector["expected"]
        found = {
            "image": image.hex(), "sha256": hashlib.sha256(image).hexdigest(),
            "signed_sha256": hashlib.sha256(signed(image)).hexdigest(), "mrsigner": hashlib.sha256(image[128:512]).hexdigest(),
            "signature_sha256": hashlib.sha256(image[516:900]).hexdigest(),
            "q1_sha256": hashlib.sha256(image[1040:1424]).hexdigest(), "q2_sha256": hashlib.sha256(image[1424:1808]).hexdigest(),
        }
        for name, value in expected.items():
            if found[name] != value:
                wrong += 1
                print(f"{vector['id']}: {name} differs: {found[name]}")
        if flaws(image):
            wrong += 1
            print(f"{vector['id']}: {flaws(image)}")
    print(f"{len(vectors['sigstructs'])} vectors, {wrong} differences")
    return wrong


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--vectors":
        return 1 if check_vectors(arguments[1]) else 0
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    status = 0
    for path in arguments:
        with open(path, "rb") as file:
            found = flaws(file.read())
        print(f"{path}: {', '.join(found) or 'good'}")
        status |= bool(found)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
