# For bench/kafka: a Kafka broker and a PostgreSQL server of its own on 127.0.0.1, within $work, and what they and others take of the processor.
# Variables are those of the script that sources it.
# shellcheck shell=bash disable=SC2154,SC2034

# A port that nobody listens on, below those that the system gives out by itself.
free_port() {
  local port
  while port=$((15000 + RANDOM % 17000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# Where Kafka is: named by EVBILLING_TEST_KAFKA, else unpacked from the engines beside the repository.
find_kafka() {
  command -v java >/dev/null || fail 'Kafka needs java on the PATH, as in the package openjdk-17-jre-headless.'
  if [ -n "${EVBILLING_TEST_KAFKA:-}" ]; then
    [ -x "$EVBILLING_TEST_KAFKA/bin/kafka-broker" ] || fail "EVBILLING_TEST_KAFKA=$EVBILLING_TEST_KAFKA has no bin/kafka-broker; name the folder of a Kafka that has one."
    echo "$EVBILLING_TEST_KAFKA"
  elif [ -x "$root/../shared/engines/unpack" ]; then
    "$root/../shared/engines/unpack" kafka "${HOME:-${TMPDIR:-/tmp}}/.cache/evbilling"
  else
    fail 'There is no Kafka here: name its folder with EVBILLING_TEST_KAFKA.'
  fi
}

# The newest of Debian's, else the one on the PATH.
find_postgres() {
  local initdb
  initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
  initdb=${initdb:-$(command -v initdb || true)}
  [ -n "$initdb" ] || fail 'There is no PostgreSQL here: no initdb in /usr/lib/postgresql/*/bin or on the PATH; the package postgresql has it.'
  dirname "$initdb"
}

start_kafka() {
  local port
  port=$(free_port)
  broker=127.0.0.1:$port
  "$kafka/bin/kafka-broker" start --dir "$work/kafka" --port "$port" --controller-port "$(free_port)" >"$work/kafka.log" 2>&1 &
  kafka_pid=$!
  await 120 "Kafka does not start ($work/kafka.log)" grep -qs 'Kafka Server started' "$work/kafka.log"
}

# As the user postgres where this is root, whom PostgreSQL refuses. All settings are PostgreSQL's own, fsync among them, but the memory for pages.
start_postgres() {
  local as=() data=$work/postgres
  mkdir -m 700 "$data"
  if [ "$EUID" = 0 ]; then
    local user=postgres
    getent passwd postgres >/dev/null || user=nobody
    chown "$user:" "$data"
    chmod 755 "$work"
    as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups --)
  fi
  postgres_port=$(free_port)
  (cd / && "${as[@]}" "$postgres/initdb" -D "$data" -U postgres -E UTF8 --locale=C -A trust >"$work/initdb.log" 2>&1) || fail "PostgreSQL cannot be set up: $(tail -n 1 "$work/initdb.log")"
  cd /
  "${as[@]}" "$postgres/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c port="$postgres_port" -c unix_socket_directories= -c shared_buffers=128MB \
    >"$work/postgres.log" 2>&1 &
  postgres_pid=$!
  cd "$work" || return
  await 60 "PostgreSQL does not start ($work/postgres.log)" sql postgres 'SELECT 1'
}

# sql DATABASE STATEMENT...
sql() {
  local database=$1 statements=()
  shift
  for statement; do statements+=(-c "$statement"); done
  "$postgres/psql" -X -q -A -t -h 127.0.0.1 -p "$postgres_port" -U postgres -d "$database" -v ON_ERROR_STOP=1 "${statements[@]}" 2>>"$work/psql.log"
}

# await SECONDS FAILURE COMMAND...
await() {
  local until=$((SECONDS + $1)) failure=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < until)) || fail "$failure."
    pause 0.2
  done
}

# Without a process: there may be many.
pause() { read -r -t "$1" <>"$work/nothing" || true; }

# ticks PID FIELD...: sums fields of its line in /proc, counted behind its name: 12 user, 13 system; 14 and 15 those of its children that have ended.
ticks() {
  local line sum=0 fields
  read -r line <"/proc/$1/stat" || true
  read -ra fields <<<"${line##*) }"
  shift
  for field; do sum=$((sum + fields[field - 1])); done
  echo "$sum"
}

# The processes that it has started.
children() { cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '{ pid = $1; sub(/^.*\) /, ""); if ($2 == parent) print pid }'; }

kill_tree() {
  local child
  for child in $(children "$1"); do kill_tree "$child"; done
  kill -KILL "$1" 2>/dev/null || true
}

kafka_ticks() { ticks "$kafka_pid" 12 13; }

# The postmaster, its processes, and those that have ended; looked at again if one ended meanwhile, which would else count twice or not at all.
postgres_ticks() {
  local ended live=''
  until [ -n "$live" ] && [ "$ended" = "$(ticks "$postgres_pid" 14 15)" ]; do
    ended=$(ticks "$postgres_pid" 14 15)
    live=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$postgres_pid" '{ sub(/^.*\) /, ""); if ($2 == parent) sum += $12 + $13 } END { print sum + 0 }')
  done
  echo $(($(ticks "$postgres_pid" 12 13) + ended + live))
}

stop_servers() {
  if [ -n "${kafka_pid:-}" ]; then kill -TERM "$kafka_pid" 2>/dev/null || true; fi
  if [ -n "${postgres_pid:-}" ]; then kill -INT "$postgres_pid" 2>/dev/null || true; fi
  for pid in ${kafka_pid:-} ${postgres_pid:-}; do
    for ((i = 0; i < 300; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
  done
}
