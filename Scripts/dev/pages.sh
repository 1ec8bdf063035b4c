#!/usr/bin/env bash
# Makes the generated pages and parts of pages in Docs/ anew; tests compare them with what the program says.
set -euo pipefail
unset CDPATH
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
cd "$root"
sgxbench=${SGXBENCH_BINARY:-Scripts/sgxbench}

# What is missing is said on standard error and is no reason to keep an old page.
"$sgxbench" explain coverage Scripts >Docs/Coverage.md || true
"$sgxbench" explain review Scripts >Docs/Review.md || true

"$sgxbench" explain api >Docs/Functions.md
"$sgxbench" explain results >Docs/Results.md

# Between `<!-- explain TOPIC -->` and `<!-- end -->` stands what `explain TOPIC` prints.
for page in Docs/StateMachines.md Docs/DriverVersions.md Docs/Steps.md; do
  new=$(mktemp)
  inside=
  while IFS= read -r line; do
    [[ $line == '<!-- end -->' ]] && inside=
    [[ -n $inside ]] || printf '%s\n' "$line" >>"$new"
    if [[ $line =~ ^'<!-- explain '([a-z]+)(' --markdown')?' -->'$ ]]; then
      inside=1
      # Tables want an empty line around them.
      if [[ -n ${BASH_REMATCH[2]} ]]; then
        { echo; "$sgxbench" explain "${BASH_REMATCH[1]}" --markdown; echo; } >>"$new"
      else
        "$sgxbench" explain "${BASH_REMATCH[1]}" >>"$new"
      fi
    fi
  done <"$page"
  mv "$new" "$page"
done

# Between `<!-- loaders -->` and `<!-- end -->` stands what the loops in C come to.
library=${SGXBENCH_LIBRARY:-$(Scripts/dev/library)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$library" "$work/libsgxbench-c.so"
cc -std=c99 -ISources/CSGXBench/include Tests/CExample/loaders.c -L"$work" -lsgxbench-c -Wl,-rpath,"$work" -Wl,-rpath,"$(dirname "$(readlink -f "$library")")" -o "$work/loaders"
"$work/loaders" >"$work/table"
{
  sed '/^<!-- loaders -->$/q' Docs/Loaders.md
  echo
  cat "$work/table"
  echo
  sed -n '/^<!-- end -->$/,$p' Docs/Loaders.md
} >"$work/page"
cp "$work/page" Docs/Loaders.md
