#!/bin/sh
# Prints the digest of the source tree: twelve hexadecimal digits over the names and contents of Package.swift and of all files beneath Sources.
# With a second argument it writes a Swift file that says the same; the build does so.
# usage: digest.sh [ROOT [FILE]]
set -eu
cd "${1:-$(dirname "$0")/../..}"
if command -v sha256sum >/dev/null 2>&1; then sum='sha256sum'; else sum='shasum -a 256'; fi
LC_ALL=C
export LC_ALL
# Hidden files are an editor's.
# shellcheck disable=SC2086
digest=$(find Package.swift Sources -type f ! -name '.*' -print0 | sort -z | xargs -0 $sum | $sum | cut -c1-12)
if [ $# -gt 1 ]; then
  echo "let digestOfSources: StaticString = \"$digest\"" >"$2"
else
  echo "$digest"
fi
