# shellcheck shell=bash
# Sourced. `ensure_dependencies [PROGRAM...]` makes sure that a build can start: it is silent where everything is there,
# installs what is missing where it may, and otherwise prints the one command to run and exits 69 (EX_UNAVAILABLE).
# It never asks, and writes to stderr only. A PROGRAM beyond the build's own is the name of its Debian package too.

ensure_dependencies() {
  local missing=() program
  if ! type -P swift >/dev/null; then
    echo "sgxbench: no 'swift' in PATH: install the Swift 6.3 toolchain from https://www.swift.org/install/linux/" >&2
    exit 69
  fi
  # Files and pkg-config answer in 2 ms; dpkg would take 30.
  type -P pkg-config >/dev/null || missing+=(pkg-config)
  pkg-config --exists lua5.4 2>/dev/null || missing+=(liblua5.4-dev)
  pkg-config --exists libedit 2>/dev/null || missing+=(libedit-dev)   # brings ncurses, libbsd and libmd
  [[ -f /usr/include/kainjow/mustache.hpp ]] || missing+=(libkainjow-mustache-dev)   # headers alone; the templates of reports
  type -P git >/dev/null || missing+=(git ca-certificates)   # Swift packages are cloned over https
  [[ -n $(compgen -G '/usr/include/c++/*/vector') ]] || missing+=(g++)   # swift-crypto holds C++
  for program; do type -P "$program" >/dev/null || missing+=("$program"); done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

install_packages() {
  local command="apt-get update && apt-get install -y --no-install-recommends $*" shell=()
  if ! type -P apt-get >/dev/null; then
    echo "sgxbench: missing, by their Debian names: $*; install them with this system's package manager" >&2
    exit 69
  elif ((EUID == 0)); then
    shell=(sh -c)
  elif sudo -n true 2>/dev/null; then
    shell=(sudo -n sh -c)
  else
    echo "sgxbench: missing: $*; install with:" >&2
    if type -P sudo >/dev/null; then echo "  sudo sh -c '$command'" >&2; else echo "  su -c '$command'" >&2; fi
    exit 69
  fi
  echo "sgxbench: installing $*" >&2
  if ! "${shell[@]}" "export DEBIAN_FRONTEND=noninteractive; $command" </dev/null >&2; then
    echo "sgxbench: this failed: $command" >&2
    exit 69
  fi
}
