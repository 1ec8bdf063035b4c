#!/usr/bin/env bash
# Makes the man page, Docs/sgxbench.1, from the program's own help; a test compares the two. The tool is the one of the argument parser's
# package, built by itself: its SwiftPM plugin would build all of ours once more.
set -euo pipefail
unset CDPATH
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
cd "$root"
sgxbench=${SGXBENCH_BINARY:-.build/release/sgxbench}
if [[ -z ${SGXBENCH_BINARY:-} ]]; then
  # shellcheck source=Scripts/dev/build.sh
  source Scripts/dev/build.sh
  build_release sgxbench
fi
parser=.build/checkouts/swift-argument-parser
swift build --package-path "$parser" --scratch-path .build/manual --product generate-manual >.build/manual.log 2>&1 ||
  { tail -n 20 .build/manual.log >&2; exit 69; }
# The date of the page is that of its last change on purpose: a day of its own would make a new page each time.
.build/manual/debug/generate-manual "$sgxbench" --date 2026-11-23 --output-directory Docs
# The tool shows the hidden command too, and writes empty lines, which the page's language has not.
sed -i -e '/^\.It Em mutants$/,/^\.El$/d' -e 's/^$/.Pp/' Docs/sgxbench.1
