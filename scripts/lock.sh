#!/bin/sh
# Make the locks again from pyproject.toml: versions and hashes for every platform, and no address.
# A lock says what to install, never from where: that is the business of the machine that installs.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
compile() {
    # Settings of this machine (indexes, folders of wheels) have no say in what the lock holds.
    env -u PIP_FIND_LINKS -u UV_FIND_LINKS "$uv" pip compile --quiet --no-config --no-header --universal \
        --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links "$@"
}
compile pyproject.toml ${UPGRADE:+--upgrade} -o requirements.lock
compile --group build -c requirements.lock ${UPGRADE:+--upgrade} -o requirements-build.lock
compile pyproject.toml --group dev -c requirements.lock -c requirements-build.lock ${UPGRADE:+--upgrade} \
    -o requirements-dev.lock
if [ -f benchmarks/peer-requirements.in ]; then
    compile benchmarks/peer-requirements.in ${UPGRADE:+--upgrade} -o benchmarks/peer-requirements.lock
fi
if grep -nE '://|file:|find-links|index-url|^-e|@ ' requirements.lock requirements-build.lock requirements-dev.lock \
    benchmarks/peer-requirements.lock 2>/dev/null; then
    echo "A lock names an address (above). Locks hold versions and hashes only." >&2
    exit 1
fi
# Every Python we speak of must find a wheel for each version named: a lock that only newer ones can install is no lock.
for version in 3.11 3.12 3.13; do
    "$uv" pip install --quiet --no-config --dry-run --require-hashes --only-binary :all: \
        --python-version "$version" --target .venv/.never -r requirements-dev.lock
done
