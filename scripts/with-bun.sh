#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a script with the pinned Bun, installing the npm packages first when the checkout has none.
# The only file that must run before anything is installed: a user has Node.js and npm, not Bun.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x node_modules/.bin/bun ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "installing npm packages" >&2
  # Not `npm ci`: it refuses the lock for lacking other platforms' optional packages that a registry does not serve.
  npm install --no-save --no-fund --no-audit --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
exec node_modules/.bin/bun "$@"
