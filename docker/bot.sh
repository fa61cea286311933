#!/bin/sh
# bot.sh TOKEN_FILE BOT [ARGUMENT ...]: waits for the token that the server's container hands over, then becomes the bot.
set -eu
token=$1
shift
trap 'exit 143' TERM INT
until [ -s "$token" ]; do sleep 0.5; done
trap - TERM INT
DRILL_TOKEN=$(cat "$token")
export DRILL_TOKEN
exec node "$@"
