#!/usr/bin/env python3
"""Measures enclave images, apart from the Swift code and on hashlib only.

    Scripts/dev/image_oracle.py [--block MAJOR.MINOR] [--heap-pages N] IMAGE...

Prints `MRENCLAVE pages-added pages-measured IMAGE` for each. It trusts its input: it is for images whose making is known, and says
nothing useful of broken ones. It builds every page as bytes and hashes one record after the other, with no idea of a range.
"""
import argparse
import hashlib
import struct

PAGE = 4096
MAGIC = 0x86A80294635D0E4C


def up(number, unit=PAGE):
    return -(-number // unit) * unit


def power_of_two(number):
    power = 1
    while power < number:
        power *= 2
    return power


class Enclave:
    """The running hash, fed with records as the leaves would feed it."""

    def __init__(self, size, ssa_frame_size):
        self.hash = hashlib.sha256(struct.pack("<8sIQ44x", b"ECREATE", ssa_frame_size, size))
        self.added = self.measured = 0

    def page(self, offset, flags, content=b"", measured=True):
        self.hash.update(struct.pack("<8sQQ40x", b"EADD", offset, flags))
        self.added += 1
        self.measured += measured
        content = content.ljust(PAGE, b"\0")
        for start in range(0, PAGE if measured else 0, 256):
            self.hash.update(struct.pack("<8sQ48x", b"EEXTEND", offset + start) + content[start:start + 256])


class Elf:
    def __init__(self, data):
        self.data = data
        (self.entry, self.phoff, self.shoff) = struct.unpack_from("<QQQ", data, 24)
        (self.phentsize, self.phnum, self.shentsize, self.shnum, self.shstrndx) = struct.unpack_from("<5H", data, 54)
        self.segments = [struct.unpack_from("<IIQQQQQQ", data, self.phoff + i * self.phentsize) for i in range(self.phnum)]
        self.loads = [s for s in self.segments if s[0] == 1]
        headers = [struct.unpack_from("<IIQQQQIIQQ", data, self.shoff + i * self.shentsize) for i in range(self.shnum)]
        names = headers[self.shstrndx][4] if headers else 0
        self.sections = {}
        for header in headers:
            name = data[names + header[0]:data.index(b"\0", names + header[0])].decode()
            self.sections.setdefault(name, header)
        self.headers = headers

    def bytes_of(self, name):
        header = self.sections.get(name)
        return self.data[header[4]:header[4] + header[5]] if header and header[1] != 8 else b""


def rights(p_flags):
    return 0x200 | (p_flags >> 2 & 1) | (p_flags & 2) | (p_flags & 1) << 2


# The SDK's ELF.

def sdk_blocks(data, note):
    place, blocks = note + 25, []
    while struct.unpack_from("<Q", data, place)[0] == MAGIC:
        minor, major, size = struct.unpack_from("<III", data, place + 8)
        blocks.append(((major, minor), data[place:place + size]))
        place += size
    return blocks


def relocated_pages(elf):
    dynamic = next((s for s in elf.segments if s[0] == 2), None)
    tags = {}
    if dynamic:
        for i in range(dynamic[5] // 16):
            tag, value = struct.unpack_from("<QQ", elf.data, dynamic[2] + i * 16)
            if tag == 0:
                break
            tags[tag] = value
    marked = set()
    if 22 in tags:
        for pointer, size in ((7, 8), (23, 2)):
            if pointer in tags:
                start = next(h[4] for h in elf.headers if h[3] == tags[pointer])
                for i in range(tags[size] // 24):
                    offset, info = struct.unpack_from("<QQ", elf.data, start + i * 24)
                    if info & 0xFFFFFFFF:
                        marked.add(offset // PAGE)
                        if offset % PAGE > PAGE - 8:
                            marked.add(offset // PAGE + 1)
    return marked


def segment_bytes(data, segment, address):
    """A page of a segment: its own file bytes and zeros."""
    _, _, offset, vaddr, _, filesz, _, _ = segment
    page = bytearray(PAGE)
    for i in range(max(address, vaddr), min(address + PAGE, vaddr + filesz)):
        page[i - address] = data[offset + i - vaddr]
    return bytes(page)


def measure_sdk(data, wanted):
    elf = Elf(data)
    blocks = sdk_blocks(data, elf.sections[".note.sgxmeta"][4])
    if wanted:
        version, block = next(b for b in blocks if b[0] == wanted)
    else:
        modern = [b for b in blocks if b[0][0] % 10 != 2]
        version, block = max(modern or blocks, key=lambda b: b[0])
    frame, = struct.unpack_from("<I", block, 24)
    size, = struct.unpack_from("<Q", block, 40)
    delta = 0
    if version[0] > 10:
        at, = struct.unpack_from("<I", block, 1888)
        image, start, size = struct.unpack_from("<QQQ", block, at)
        delta = image - start
    marked = relocated_pages(elf)
    patched = bytearray(data)
    at, length = struct.unpack_from("<II", block, 1872)
    for i in range(length // 32):
        target, source, count = struct.unpack_from("<QII", block, at + i * 32)
        patched[target:target + count] = block[source:source + count]
    patched = bytes(patched)
    loads = [(s, patched, 0) for s in elf.loads]
    if version[1] >= {1: 5, 3: 2}.get(version[0] % 10, 1 << 32):
        at, length = struct.unpack_from("<II", block, 1896)
        for i in range(length // 16):
            kind, count, place = struct.unpack_from("<III", block, at + i * 16)
            if kind == 0x1002 and count and place:
                start, move, length2 = struct.unpack_from("<QQQ", block, place)
                inner = Elf(patched[start:start + length2])
                loads += [(s, inner.data, move) for s in inner.loads]
    enclave = Enclave(size, frame)
    highest, last = 0, None

    def pad():
        vaddr, memsz, flags = last
        end = up(vaddr + memsz)
        if version == (1, 3) and end < up(up(memsz) + vaddr):
            enclave.page(end + delta, flags)

    for segment, source, move in loads:
        vaddr, filesz, memsz = segment[3] + move, segment[5], segment[6]
        moved = segment[:3] + (vaddr,) + segment[4:]
        if last and up(last[0] + last[1]) < vaddr // PAGE * PAGE:
            pad()
        if vaddr > highest:
            highest, last = vaddr, (vaddr, memsz, rights(segment[1]))
        for address in range(vaddr // PAGE * PAGE, up(vaddr + memsz), PAGE):
            has_data = filesz and address < vaddr + filesz
            flags = rights(segment[1]) | (2 if has_data and address // PAGE in marked else 0)
            enclave.page(address + delta, flags, segment_bytes(source, moved, address))
    if last:
        pad()

    at, length = struct.unpack_from("<II", block, 1880)
    entries = [block[at + i * 32:at + i * 32 + 32] for i in range(length // 32)]

    def load(entry, step):
        _, attributes, pages, rva, content_size, content_offset, flags = struct.unpack("<HHIQIIQ", entry)
        if not attributes & 1:
            return
        measured = attributes & 3 == 3
        rva += step
        for i in range(pages):
            if content_offset and flags == 0x100:
                page = bytearray(block[content_offset:content_offset + content_size].ljust(PAGE, b"\0"))
                for field in (16, 48, 56):
                    struct.pack_into("<Q", page, field, struct.unpack_from("<Q", page, field)[0] + rva)
                enclave.page(rva + delta + i * PAGE, flags, bytes(page), measured)
            elif content_offset:
                content = block[content_offset:content_offset + content_size][i * PAGE:(i + 1) * PAGE]
                enclave.page(rva + delta + i * PAGE, flags, content)
            elif flags:
                enclave.page(rva + delta + i * PAGE, flags, struct.pack("<I", content_size) * 1024, measured)

    for index, entry in enumerate(entries):
        ident, count, times, step = struct.unpack_from("<HHIQ", entry)
        if ident & 0x1000:
            for time in range(1, times + 1):
                for repeated in entries[index - count:index]:
                    load(repeated, time * step)
        else:
            load(entry, 0)
    return enclave


# Open Enclave.

def measure_open_enclave(data):
    elf = Elf(data)
    info = elf.sections[".oeinfo"]
    heap_pages, stack_pages, threads = struct.unpack_from("<QQQ", data, info[4] + 8)
    image_size = up(max(s[3] + s[6] for s in elf.loads))
    image = bytearray(image_size)
    for _, _, offset, vaddr, _, filesz, _, _ in elf.loads:
        image[vaddr:vaddr + filesz] = data[offset:offset + filesz]
    relocations = elf.bytes_of(".rela.dyn") + elf.bytes_of(".rela.plt")
    relocations = relocations.ljust(up(len(relocations)), b"\0")
    tdata, tbss = elf.sections.get(".tdata"), elf.sections.get(".tbss")
    tls = 0
    if tdata and tdata[5]:
        align = next((s[7] for s in elf.segments if s[0] == 7 and s[3] == tdata[3]), tdata[8])
        tls += up(tdata[5], max(align, 1))
    if tbss and tbss[5]:
        tls += up(tbss[5], max(tbss[8], 1))
    tls_pages = up(tls) // PAGE
    heap = image_size + len(relocations)
    per_thread = (stack_pages + 2 + tls_pages + 5) * PAGE
    size = power_of_two(heap + heap_pages * PAGE + threads * per_thread)

    symbols = {}
    strings, table = elf.bytes_of(".dynstr"), elf.bytes_of(".dynsym")
    for i in range(len(table) // 24):
        name, = struct.unpack_from("<I", table, i * 24)
        symbols.setdefault(strings[name:strings.index(b"\0", name)].decode(), struct.unpack_from("<Q", table, i * 24 + 8)[0])

    def put(name, value):
        if name in symbols:
            struct.pack_into("<Q", image, symbols[name], value)

    struct.pack_into("<6Q", image, info[3] + 96, info[3], 1960, image_size, len(relocations), heap, size)
    image[info[3] + 144:info[3] + 144 + 1808] = bytes(1808)
    put("_enclave_rva", symbols.get("_enclave_rva", 0))
    put("_reloc_rva", image_size)
    put("_reloc_size", len(relocations))
    if tdata and tdata[5]:
        put("_tdata_rva", tdata[3])
        put("_tdata_size", tdata[5])
        put("_tdata_align", align)
    if tbss and tbss[5]:
        put("_tbss_size", tbss[5])
        put("_tbss_align", tbss[8])
    put("_td_from_tcs_offset", (tls_pages + 4) * PAGE)

    enclave = Enclave(size, 1)
    for _, flags, _, vaddr, _, _, memsz, _ in elf.loads:
        for address in range(vaddr // PAGE * PAGE, up(vaddr + memsz), PAGE):
            enclave.page(address, rights(flags), bytes(image[address:address + PAGE]))
    for at in range(0, len(relocations), PAGE):
        enclave.page(image_size + at, 0x201, relocations[at:at + PAGE])
    for i in range(heap_pages):
        enclave.page(heap + i * PAGE, 0x203, measured=False)
    at = heap + heap_pages * PAGE
    for _ in range(threads):
        at += PAGE
        for _ in range(stack_pages):
            enclave.page(at, 0x203, b"\xcc" * PAGE)
            at += PAGE
        at += PAGE
        data_page = at + (tls_pages + 4) * PAGE
        fields = (0, 0, at + PAGE, 0, 2, elf.entry, 0, data_page, data_page, 0xFFFFFFFF, 0xFFFFFFFF)
        enclave.page(at, 0x100, struct.pack("<QQQIIQQQQII", *fields))
        enclave.page(at + PAGE, 0x203)
        enclave.page(at + 2 * PAGE, 0x203)
        at += 4 * PAGE
        for _ in range(tls_pages + 1):
            enclave.page(at, 0x203)
            at += PAGE
    return enclave


# The kernel's selftests.

def measure_flat(data):
    enclave = Enclave(power_of_two(len(data)), 1)
    for at in range(0, len(data), PAGE):
        enclave.page(at, 0x207 if at else 0x100, data[at:at + PAGE])
    return enclave


def measure_selftest(data, heap_pages):
    loads = Elf(data).loads
    start = loads[0][2] // PAGE * PAGE
    end = loads[-1][2] // PAGE * PAGE - start + up(loads[-1][5])
    enclave = Enclave(power_of_two(max(end + heap_pages * PAGE, PAGE)), 1)
    for index, (_, flags, offset, _, _, filesz, _, _) in enumerate(loads):
        offset = offset // PAGE * PAGE
        for at in range(offset, offset + up(filesz), PAGE):
            enclave.page(at - start, rights(flags) if index else 0x100, data[at:at + PAGE])
    for i in range(heap_pages):
        enclave.page(end + i * PAGE, 0x203, measured=False)
    return enclave


# Streams.

def measure_stream(data):
    stream, place, added, measured = hashlib.sha256(), 0, 0, set()
    while place < len(data):
        tag, offset = data[place:place + 8], struct.unpack_from("<Q", data, place + 8)[0]
        length = 320 if tag in (b"EEXTEND\0", b"UNMEASRD") else 64
        if tag != b"UNMEASRD":
            stream.update(data[place:place + length])
        added += tag == b"EADD\0\0\0\0"
        if tag == b"EEXTEND\0":
            measured.add(offset // PAGE)
        place += length
    result = Enclave(0, 0)
    result.hash, result.added, result.measured = stream, added, len(measured)
    return result


# The SDK's DLL for Windows.

def measure_windows(data):
    pe, = struct.unpack_from("<I", data, 60)
    count, = struct.unpack_from("<H", data, pe + 6)
    optional_size, = struct.unpack_from("<H", data, pe + 20)
    optional = pe + 24
    wide = struct.unpack_from("<H", data, optional)[0] == 0x20B
    headers, = struct.unpack_from("<I", data, optional + 60)
    directories = optional + (112 if wide else 96)
    sections = []
    for i in range(count):
        name, memory, address, raw_size, raw = struct.unpack_from("<8sIIII", data, optional + optional_size + i * 40)
        flags, = struct.unpack_from("<I", data, optional + optional_size + i * 40 + 36)
        sections.append((name.rstrip(b"\0"), memory, address, data[raw:raw + raw_size], flags))

    def at(address, length):
        for _, _, start, content, _ in sections:
            if start <= address < start + len(content):
                return content[address - start:address - start + length]
        raise ValueError(hex(address))

    meta = next(s[3] for s in sections if s[0] == b"sgxmeta")
    threads, policy, frames, frame_pages, stack, heap = struct.unpack_from("<6I", meta, 20)
    end = max(up(s[2] + s[1]) for s in sections)
    # The template of the threads' data: the section .tls (metadata 1.1), or what the TLS directory points at within another.
    template, tls = None, 0
    for _, memory, start, _, _ in (s for s in sections if s[0] == b".tls"):
        template, tls = start, up(memory)
    directory, length = struct.unpack_from("<II", data, directories + 9 * 8)
    if template is None and length:
        base, = struct.unpack_from("<Q" if wide else "<I", data, optional + (24 if wide else 28))
        first_byte, last_byte = struct.unpack("<QQ" if wide else "<II", at(directory, 16 if wide else 8))
        template, tls = first_byte - base, up(last_byte - first_byte)
    ssa = 0x1000 + tls + 0x10000
    bottom = ssa + frames * frame_pages * PAGE + 0x10000
    top = bottom + up(stack)
    first = end + up(heap) + 0x10000
    size = power_of_two(first + threads * top)

    writable, table = set(), b""
    address, length = struct.unpack_from("<II", data, directories + 5 * 8)
    if length:
        table = at(address, length)
    place = 0
    while place + 8 <= len(table):
        page, length = struct.unpack_from("<II", table, place)
        if not length:
            break
        for entry in struct.unpack_from(f"<{(length - 8) // 2}H", table, place + 8):
            if entry >> 12:
                writable.add((page + (entry & 0xFFF)) // PAGE)
        place += length

    enclave = Enclave(size, frame_pages)
    head = bytearray(data[:headers].ljust(up(headers), b"\0"))
    head[optional + 64:optional + 68] = bytes(4)
    head[directories + 32:directories + 40] = bytes(8)
    for i in range(0, len(head), PAGE):
        enclave.page(i, 0x201, bytes(head[i:i + PAGE]))
    for name, memory, address, content, flags in sections:
        if name == b"sgxmeta":
            continue
        content = bytearray(content[:up(memory)].ljust(up(memory), b"\0"))
        if template is not None and address <= template < address + memory:
            t = template - address
            if wide:
                struct.pack_into("<6QB", content, t + 8, top, top, bottom, ssa, ssa + 0xF48, 0x1000, policy)
                struct.pack_into("<QQ", content, t + 64, end, size)
                struct.pack_into("<QII", content, t + 88, 0x1030, 1, heap)
            else:
                struct.pack_into("<7IB", content, t, 0xFFFFFFFF, top, top, bottom, ssa, ssa + 0xF48, 0x1000, policy)
                struct.pack_into("<II", content, t + 32, end, size)
                struct.pack_into("<II", content, t + 44, 0x1018, 1)
                struct.pack_into("<I", content, t + 56, heap)
        base = 0x200 | flags >> 30 & 1 | (flags >> 31 & 1) << 1 | (flags >> 29 & 1) << 2
        for i in range(0, len(content), PAGE):
            enclave.page(address + i, base | (2 if (address + i) // PAGE in writable else 0), bytes(content[i:i + PAGE]))
    for i in range(0, up(heap), PAGE):
        enclave.page(end + i, 0x203, measured=False)

    exports = at(*struct.unpack_from("<II", data, directories))
    names = struct.unpack_from("<I", exports, 24)[0]
    functions, name_table, ordinals = struct.unpack_from("<III", exports, 28)
    entry = None
    for i in range(names):
        place, = struct.unpack("<I", at(name_table + i * 4, 4))
        if at(place, 14) == b"enclave_entry\0":
            ordinal, = struct.unpack("<H", at(ordinals + i * 2, 2))
            entry, = struct.unpack("<I", at(functions + ordinal * 4, 4))
    for thread in range(threads):
        tcs = first + thread * top
        fields = (0, 0, tcs + ssa, 0, frames, entry, 0, tcs + PAGE, tcs + PAGE, 0xFFF, 0xFFF)
        enclave.page(tcs, 0x100, struct.pack("<QQQIIQQQQII", *fields))
        for i in range(PAGE, PAGE + tls, PAGE):
            enclave.page(tcs + i, 0x203)
        for i in range(ssa, bottom - 0x10000, PAGE):
            enclave.page(tcs + i, 0x203)
        for i in range(bottom, top, PAGE):
            enclave.page(tcs + i, 0x203, b"\xcc" * PAGE)
    return enclave


def measure(data, block, heap_pages):
    if data[:4] == b"\x7fELF":
        sections = Elf(data).sections
        if ".note.sgxmeta" in sections:
            return measure_sdk(data, block)
        return measure_open_enclave(data) if ".oeinfo" in sections else measure_selftest(data, heap_pages)
    if data[:2] == b"MZ":
        return measure_windows(data)
    return measure_stream(data) if data[:8] == b"ECREATE\0" else measure_flat(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--block", help="the block of metadata to take, as 2.4")
    parser.add_argument("--heap-pages", type=int, default=1)
    parser.add_argument("images", nargs="+")
    arguments = parser.parse_args()
    block = tuple(int(part) for part in arguments.block.split(".")) if arguments.block else None
    for name in arguments.images:
        with open(name, "rb") as file:
            enclave = measure(file.read(), block, arguments.heap_pages)
        print(enclave.hash.hexdigest(), enclave.added, enclave.measured, name)


if __name__ == "__main__":
    main()
