#!/usr/bin/env bash
# Rules about the tree that no compiler checks. Prints one line for each breach; exit status 1 if there is one.
set -euo pipefail
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C

lines_max=350   # past 250 a file has two ideas in it; past this nobody argues
page_lines_max=400   # a page is read in one sitting
breaches=0
breach() {
  echo "$1"
  breaches=$((breaches + 1))
}

# What is committed or could be: ignored files are nobody's business.
mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard | sort -zu)

while read -r name; do
  case $name in
    Package.swift | Sources | Scripts | Tests | Docs | README.md | LICENSE | .*) ;;
    *) breach "$name: not a name for the top level" ;;
  esac
done < <(printf '%s\n' "${files[@]%%/*}" | sort -u)

# The links of a Markdown file, one a line; code blocks and code spans hold none.
links_of() {
  awk '/^ *```/ { code = !code; next } !code { gsub(/`[^`]*`/, ""); print }' "$1" |
    { grep -oE '\]\([^)]+\)|^\[[^]]+\]: *[^ ]+' || true; } |
    sed -E 's/^\]\(//; s/^\[[^]]*\]: *//; s/\)$//; s/ +"[^"]*"$//; s/^<(.*)>$/\1/'
}

for file in "${files[@]}"; do
  [[ -f $file ]] || continue   # removed, and not yet committed as such
  case $file in
    *.swift | *.c | *.h | *.lua)
      lines=$(wc -l <"$file")
      ((lines <= lines_max)) || breach "$file: $lines lines, at most $lines_max"
      ;;
    *.md)
      lines=$(wc -l <"$file")
      ((lines <= page_lines_max)) || breach "$file: $lines lines, at most $page_lines_max"
      while read -r link; do
        case $link in
          *://* | mailto:* | '#'*) ;;
          *) [[ -e $(dirname "$file")/${link%%#*} ]] || breach "$file: no file for the link $link" ;;
        esac
      done < <(links_of "$file")
      ;;
  esac
  # The brackets keep this line from finding itself.
  while IFS=: read -r line _; do
    breach "$file:$line: unfinished, by its own account"
  done < <(grep -nIE '\b(TO[D]O|FIX[M]E|X[X]X)\b' "$file")
done

((breaches == 0)) || { echo "$breaches breaches"; exit 1; }
