#!/bin/sh
# Node takes --env-file for its own wherever it stands, unless "--" stands before, and with it the
# NODE_OPTIONS in a service's file.
exec node -- "$(dirname -- "$(readlink -f -- "$0")")/swarmctl.js" "$@"
