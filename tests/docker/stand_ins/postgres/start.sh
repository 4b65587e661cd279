#!/bin/sh
# Makes the database that POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB name, and serves it.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
data=/tmp/data
umask 077
printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
"$bin/initdb" -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password -A scram-sha-256 --no-sync
echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
echo "CREATE DATABASE \"$POSTGRES_DB\"" | "$bin/postgres" --single -j -D "$data" postgres
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
