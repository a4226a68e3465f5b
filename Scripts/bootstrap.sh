#!/usr/bin/env bash
# Makes a bare Debian machine ready to build hone: checks Swift, installs the libraries that are missing.
# Prints nothing when everything is there.
set -euo pipefail

fail() {
    printf 'error: %s\n\nhint: %s\n' "$1" "$2" >&2
    exit 1
}

command -v swift >/dev/null 2>&1 ||
    fail "Swift is not installed" "install a Swift 6.2 or newer toolchain from swift.org and put it on PATH"

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    fail "Swift ${version:-of unknown version} is too old" "hone needs Swift 6.2 or newer"
fi

missing=()
for package in libopenblas-dev libsqlite3-dev libyaml-dev; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

install="apt-get install -y ${missing[*]}"
command -v apt-get >/dev/null 2>&1 ||
    fail "missing ${missing[*]}, and this machine has no apt-get" "install them with your system's package manager"
if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo >/dev/null 2>&1; then
    as_root=(sudo)
else
    fail "missing ${missing[*]}, and neither root nor sudo is available" "ask an administrator to run: $install"
fi

echo "Installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null ||
    fail "could not install ${missing[*]}" "run it by hand to see why: $install"
