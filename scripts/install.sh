#!/bin/sh
# Installs a lock file and this checkout into .venv: by uv where it is there, else by venv and pip.
set -eu
lock=$1
python=${PYTHON:-python3}

by_uv() {
    [ -x .venv/bin/python ] || uv venv --quiet --seed .venv
    uv pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"
    uv pip install --quiet --python .venv/bin/python --no-deps --editable .
}

by_pip() {
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "Countersign needs Python 3.11 or newer; set PYTHON to one, as in: make demo PYTHON=python3.12" >&2
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "Python's venv is missing. On Debian: apt-get install -y python3-venv python3-pip" >&2
        exit 1
    fi
    [ -x .venv/bin/pip ] || "$python" -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r "$lock"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
}

echo "Installing $lock into .venv ..."
if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
    by_uv
else
    by_pip
fi
