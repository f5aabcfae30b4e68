#!/bin/bash
# A PostgreSQL server for tests, without durability, in a folder of its own.
#
#   tests/pg.sh start DIR    makes and starts it (or finds it running) and prints its URL
#   tests/pg.sh stop DIR     stops it and removes its data; DIR/log stays
#
# BEREG_PG_OPTIONS: options of postgres behind those here, "-c ssl=on"
#
# PostgreSQL refuses root, so root runs it as user postgres (else nobody): DIR must then lie where that user may go.
set -euo pipefail

usage() {
    echo "usage: $0 start|stop DIR" >&2
    exit 2
}

[ $# -eq 2 ] || usage
verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

as=()
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
    owner=postgres
    id postgres >/dev/null 2>&1 || owner=nobody
    as=(runuser -u "$owner" --)
fi

# shellcheck disable=SC2012
bin=$(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ ! -x "$bin/initdb" ]; then
    echo "$0: PostgreSQL is not installed (Debian: postgresql)" >&2
    exit 1
fi

run() { (cd / && "${as[@]}" env LC_ALL=C PGCONNECT_TIMEOUT=5 "$@"); }

running() { [ -f "$dir/data/postmaster.pid" ] && run "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; }

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

url() { echo "postgresql://bereg@127.0.0.1:$(cat "$dir/port")/bereg"; }

make_data() {
    [ "$owner" = "$(id -un)" ] || chown "$owner" "$dir"
    if ! run "$bin/initdb" -D "$dir/data" -U bereg -A trust -E UTF8 --locale=C --no-sync \
        >"$dir/initdb.log" 2>&1; then
        cat "$dir/initdb.log" >&2
        exit 1
    fi
    rm -f "$dir/initdb.log"
}

# Between the look for a free port and its use another may take it: try a few.
start_server() {
    local options port sockets="$dir"
    [ ${#dir} -le 80 ] || sockets=""
    for _ in 1 2 3 4 5 6 7 8; do
        port=$((20000 + RANDOM % 12000))
        port_free "$port" || continue
        options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$sockets'"
        options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options+=" -c max_connections=60 -c shared_buffers=64MB -c max_wal_size=1GB -c jit=off"
        options+=" -c autovacuum_naptime=10s -c log_min_messages=fatal -c log_min_error_statement=panic"
        options+=" ${BEREG_PG_OPTIONS:-}"
        if run "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "$options" start >/dev/null 2>&1; then
            echo "$port" >"$dir/port"
            run "$bin/createdb" -h 127.0.0.1 -p "$port" -U bereg bereg 2>/dev/null || true
            return 0
        fi
    done
    echo "$0: the server does not start; see $dir/log" >&2
    exit 1
}

case $verb in
start)
    if ! running; then
        [ -f "$dir/data/PG_VERSION" ] || make_data
        start_server
    fi
    url
    ;;
stop)
    if running; then
        run "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 60 stop >/dev/null
    fi
    rm -rf "$dir/data" "$dir/port"
    ;;
*)
    usage
    ;;
esac
