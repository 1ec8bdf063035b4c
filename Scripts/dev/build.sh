# shellcheck shell=bash
# Sourced. `build_release PRODUCT` leaves a current .build/release/PRODUCT, or says why not and exits 69.
# Where nothing changed it starts no compiler and prints nothing: that case is every ordinary run.
: "${root:?the repository}"

# Fully static: half the start-up time. All products share one set of flags, since SwiftPM recompiles every module
# when the flags differ from the last build's.
release_flags=(-c release --static-swift-stdlib -Xswiftc -static-executable)

build_release() {
  local product=$1 stamp=$root/.build/$1.stamp swift=
  # The hash table knows where swift is without a subshell. No compiler, no rebuild: what is there is good to run.
  if hash swift 2>/dev/null; then swift=${BASH_CMDS[swift]}; fi
  is_current || build_locked
}

# One process in all (`find`); `swift --version` alone would take 100 ms. By change time, not modification time, since
# unpacked and copied files keep old modification times. The compiler's program stands for the compiler.
is_current() {
  local built_by watched=("$root/Package.swift" "$root/Sources" "$root/Scripts/dev/build.sh")
  [[ -x $root/.build/release/$product && -f $stamp ]] || return 1
  if [[ -n $swift ]]; then
    IFS= read -r built_by <"$stamp"
    [[ $swift == "$built_by" ]] || return 1
    watched+=("$swift")
  fi
  [[ -z $(find -H "${watched[@]}" -cnewer "$stamp" -print -quit) ]]
}

build_locked() {
  # shellcheck source=Scripts/dev/setup.sh
  source "$root/Scripts/dev/setup.sh"
  ensure_dependencies
  local log=.build/$product-build.log when='something changed' started
  mkdir -p "$root/.build"
  exec 9>"$root/.build/sgxbench.lock"
  if ! flock -n 9; then
    echo 'sgxbench: waiting for another build' >&2
    flock 9
  fi
  if ! is_current; then   # else the other build was ours as well
    [[ -f $stamp ]] || when='first time, a few minutes'
    echo "sgxbench: building ($when); log: $log" >&2
    # The stamp bears the time the build began, so that an edit made meanwhile counts as newer.
    started=$(mktemp "$root/.build/stamp.XXXXXX")
    echo "$swift" >"$started"
    # 9>&-: a process that outlives the build must not keep the lock.
    if ! (cd "$root" && swift build "${release_flags[@]}" --product "$product") >"$root/$log" 2>&1 </dev/null 9>&-; then
      rm -f "$started"
      echo "sgxbench: the build failed; the end of $log:" >&2
      tail -n 40 "$root/$log" >&2
      exit 69
    fi
    slim "$product"
    mv "$started" "$stamp"
  fi
  exec 9>&-
}

# The linker leaves a file with much in it that only a debugger reads, and the page cache holds what a linker writes in small
# pieces. A stripped copy starts a quarter sooner.
slim() {
  local built=$root/.build/release/$1 part=$root/.build/$1.part
  if strip -o "$part" "$built" 2>/dev/null; then mv -f "$part" "$built"; else rm -f "$part"; fi
}
