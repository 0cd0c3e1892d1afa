#!/bin/sh
# Runs a command with its standard error connected to a real journald of its own, and prints what that recorded, as JSON.
# Called in a mount and process namespace of its own: what is mounted and started here ends with it.
set -eu

mount -t tmpfs none /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' >/run/systemd/journald.conf.d/test.conf
/lib/systemd/systemd-journald 2>/dev/null &

tries=0
until [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/stdout ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "journald does not start" >&2; exit 1; }
    sleep 0.05
done

# What systemd does for a service: standard error is the stream, and JOURNAL_STREAM says which one.
systemd-cat sh -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2); export JOURNAL_STREAM; exec "$@"' sh "$@" || true

journalctl --sync
journalctl --directory /run/log/journal --output json --no-pager SYSLOG_IDENTIFIER=roomagent
