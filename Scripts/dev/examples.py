#!/usr/bin/env python3
"""Runs the commands that README.md and Docs/*.md show and writes their output below them anew.

    Scripts/dev/examples.py [PAGE...]

A block ```console holds commands, `$ Scripts/sgxbench ...`, each with its output, and `$ echo $?` for the status of the one before. A block
```lua NAME.lua is a file of that name for the commands of the page that follow, and ```diff NAME.lua changes it: the lines with - stand in it
once, and those with + take their place. The commands of a page run in one folder, in their order. Words of a command are parted by spaces;
there is no quoting.
A test (DocumentsTests.swift) does the same and compares. SGXBENCH_BINARY names the program; Scripts/sgxbench otherwise.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("SGXBENCH_BINARY") or str(ROOT / "Scripts/sgxbench")
PROMPT = "$ Scripts/sgxbench "


def checkout(folder):
    """Makes a folder look like the repository's."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            os.symlink(entry, pathlib.Path(folder, entry.name))


def run(words, files, folder):
    """Output, errors and status of a command in a folder with the page's files."""
    for name, text in files.items():
        pathlib.Path(folder, name).write_text(text)
    ended = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return ended.stdout, ended.stderr, ended.returncode


def shown(lines, files, folder, page):
    """The lines of a console block, with the output as it is now."""
    new, status = [], None
    for line in lines:
        if line == "$ echo $?":
            new += [line, str(status)]
        elif line.startswith(PROMPT):
            output, errors, status = run(line[len(PROMPT):].split(), files, folder)
            print(f"{page}: {line[2:]}: status {status}")
            # On a terminal the two streams are one, and what is said to the user comes last.
            # Which tree the program is of changes with every edit.
            said = re.sub(r"# tree [0-9a-f]{12}", "# tree 0123456789ab", output + errors)
            new += [line, *said.splitlines()]
        elif line.startswith("$ "):
            sys.exit(f"{page}: not a command of ours: {line}")
    return new


def changed(text, block):
    """The text with a block of removed and added lines applied to it."""
    old = "".join(line[1:] + "\n" for line in block if line.startswith("-"))
    if text.count(old) != 1:
        sys.exit(f"does not stand there once: {old}")
    return text.replace(old, "".join(line[1:] + "\n" for line in block if line.startswith("+")))


def refresh(page, folder):
    lines, new, files, block, fence = page.read_text().split("\n"), [], {}, [], None
    for line in lines:
        if not line.startswith("```"):
            (new if fence is None else block).append(line)
        elif fence is None:
            new.append(line)
            block, fence = [], line[3:].split()
        else:
            if fence[:1] == ["lua"] and len(fence) == 2:
                files[fence[1]] = "".join(text + "\n" for text in block)
            if fence[:1] == ["diff"] and len(fence) == 2:
                files[fence[1]] = changed(files[fence[1]], block)
            new += shown(block, files, folder, page.name) if fence == ["console"] else block
            new.append(line)
            fence = None
    page.write_text("\n".join(new))


for name in sys.argv[1:] or [ROOT / "README.md", *sorted(ROOT.glob("Docs/*.md"))]:
    with tempfile.TemporaryDirectory() as place:
        checkout(place)
        refresh(pathlib.Path(name), place)
