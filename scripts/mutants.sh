#!/bin/sh
# Changes the approval engine in thousands of small ways and names the changes that no test notices (docs/mutation.md).
# In a copy of the tree and an environment of its own, both in build/mutants; what is there already is gone on with.
set -eu
cd "$(dirname "$0")/.."
here=build/mutants
mkdir -p "$here"
test -x "$here/.venv/bin/mutmut" || {
    "${PYTHON:-python3}" -m venv "$here/.venv"
    "$here/.venv/bin/pip" install --quiet --require-hashes -r requirements-dev.lock
    "$here/.venv/bin/pip" install --quiet "$MUTMUT"
}
for tree in app tests; do
    rm -rf "${here:?}/$tree"
    cp -R "$tree" "$here/$tree"
done
cp pyproject.toml "$here/"
cd "$here"
PATH="$PWD/.venv/bin:$PATH"
export PATH COUNTERSIGN_PROFILE=40
rm -rf mutants/tests
mutmut run --max-children "${JOBS:-2}" "$@"
mutmut results
