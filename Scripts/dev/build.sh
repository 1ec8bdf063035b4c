# shellcheck shell=bash
# Sourced. `build_release PRODUCT` leaves a current .build/release/PRODUCT, or says why not and exits 69.
# Where nothing changed it starts no compiler and prints nothing: that case is every ordinary run.
: "${root:?the repository}"

# Fully static: half the start-up time. All products share one set of flags, since SwiftPM recompiles every module
# when the flags differ from the last build's.
release_flags=(-c release --static-swift-stdlib -Xswiftc -static-executable)

build_release() {
  local product=$1 stamp toolchain
  stamp=$root/.build/$product.stamp
  # Which compiler: path, size and date of the program, since `swift --version` takes 100 ms.
  # Empty without a compiler: then what is built is still good to run.
  toolchain=$(stat -L -c '%n %s %Y' "$(type -P swift)" 2>/dev/null) || toolchain=
  is_current || build_locked
}

is_current() {
  # By change time, not modification time: unpacked and copied files keep old modification times.
  [[ -x $root/.build/release/$product && -f $stamp ]] &&
    [[ -z $toolchain || $toolchain == "$(<"$stamp")" ]] &&
    [[ -z $(find "$root/Package.swift" "$root/Sources" "$root/Scripts/dev/build.sh" -cnewer "$stamp" -print -quit) ]]
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
    echo "$toolchain" >"$started"
    # 9>&-: a process that outlives the build must not keep the lock.
    if ! (cd "$root" && swift build "${release_flags[@]}" --product "$product") >"$root/$log" 2>&1 </dev/null 9>&-; then
      rm -f "$started"
      echo "sgxbench: the build failed; the end of $log:" >&2
      tail -n 40 "$root/$log" >&2
      exit 69
    fi
    mv "$started" "$stamp"
  fi
  exec 9>&-
}
