#!/bin/sh
# A real drill on loopback: three department portals, drilld, a red and a blue bot. Called by `make demo` after the build.
#   DEMO_SECONDS=60    end by itself, verify the journal, print the ranking; exit 0 only if all of it went well
#   DEMO_PORT=8000     the board's port, if it is free
#   DEMO_PATCH_TICK=6  when the blue bot patches its portal
#   DEMO_DIR           where the drill's data goes (build/demo), emptied first
cd "$(dirname "$0")/.." || exit 2
exec node demo/demo.mjs
