#!/usr/bin/env bash
# Usage: install.sh PYTHON VENV REQUIREMENTS. Makes the environment from one lock, with uv when it is there, else with pip,
# and compiles bytecode: every later start reads it (it halves the time of each command).
set -euo pipefail
python="$1" venv="$2" requirements="$3"
if [ -z "$python" ]; then
  echo "No Python 3.11, 3.12 or 3.13 was found. Install one (Debian: apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3.12" >&2
  exit 1
fi
echo "Installing $requirements into $venv with $("$python" --version)"
if command -v uv >/dev/null 2>&1; then
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$(command -v "$python")" "$venv"
  uv pip install --quiet --python "$venv/bin/python" --require-hashes --requirement "$requirements"
  uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  # An environment that uv made has no pip of its own.
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
  # The lock is whole, so nothing is left to resolve (pip would stumble over extras, which the lock names without).
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes --requirement "$requirements"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi
# Some files of some packages are templates or for other versions of Python: those that do not compile are never imported.
# The tests that packages bring, a fifth of their code, and the installer itself are not compiled ahead.
"$venv/bin/python" -m compileall -q -j 0 -x 'site-packages/(pip/|.*/tests/)' "$venv/lib" store sources expectations reports orchestration >/dev/null 2>&1 || true
