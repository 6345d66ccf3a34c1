#!/bin/sh
# Make .venv with pip in it, or say plainly what the machine lacks.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$@" >&2; }

python=${PYTHON:-}
if [ -z "$python" ]; then
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            break
        fi
    done
fi
if [ -z "$python" ]; then
    say "Matterflow needs Python 3.11 or newer and found none." \
        "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python3.11 ..."
    exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Matterflow needs Python 3.11 or newer; $python is $("$python" -V 2>&1)."
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian and Ubuntu keep venv in a package of its own.
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing python$version-venv, which this machine lacks."
        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "python$version-venv" >/dev/null
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || {
        say "$python cannot make virtual environments on this machine." \
            "On Debian or Ubuntu: apt-get install python$version-venv (as root), then run make again."
        exit 1
    }
fi
if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exit 0
fi
"$python" -m venv --clear .venv
