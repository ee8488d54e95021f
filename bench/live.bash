# For bench/kafka --live: a producer at a fixed rate beside a service, looked at every second.
# Variables are those of the script that sources it.
# shellcheck shell=bash disable=SC2154,SC2034

# As /metrics tells, into a file; without a process, which would be measured, too.
scrape() {
  local connection lines
  {
    exec {connection}<>"/dev/tcp/127.0.0.1/$http_port" && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&"$connection" && IFS= read -r -t 5 -d '' -u "$connection" lines
  } 2>/dev/null || [ -n "${lines:-}" ] || fail "the service does not answer: $(tail -n 3 service.log)"
  exec {connection}>&-
  printf '%s' "$lines" >"$1"
}

is_served() { grep -q 'served on http' service.log; }

# All partitions are read once each is claimed and its end is known.
is_ready() {
  scrape ready.metrics
  [ "$(grep -c '^evbilling_partition_lag_records{' ready.metrics)" = 8 ]
}

# sum METRIC FILE: over its labels
sum() { awk -v metric="$1" 'index($1, metric) == 1 { sum += $2 } END { printf "%d", sum }' "$2"; }

is_committed() {
  scrape last.metrics
  [ "$(sum evbilling_partition_committed_offset last.metrics)" -ge "$1" ]
}

# quantile Q BEFORE AFTER: of the seconds from an end's record to its bill between two looks, within a bucket as if spread evenly; null if there is none
quantile() {
  awk -v q="$1" -v before="$2" '
    /^evbilling_event_to_bill_seconds_bucket/ {
      split($1, part, "\"")
      if (FILENAME == before) was[part[2]] = $2; else { bound[n++] = part[2]; count[part[2]] = $2 - was[part[2]] }
    }
    END {
      want = q * count["+Inf"]
      for (i = 0; i < n - 1; i++) {
        if (want > 0 && count[bound[i]] >= want) { printf "%.3f", low + (bound[i] - low) * (want - below) / (count[bound[i]] - below); exit }
        low = bound[i]; below = count[bound[i]]
      }
      print "null"
    }' "$2" "$3"
}

# Of each partition the least, most and last lag; of all together the mean of each minute.
lags() {
  awk '
    FNR == 1 { look++ }
    /^evbilling_partition_lag_records\{/ {
      split($1, part, "\""); p = part[2]; lag = $2
      if (!(p in most) || lag > most[p]) most[p] = lag
      if (!(p in least) || lag < least[p]) least[p] = lag
      last[p] = lag
      minute = int((look - 1) / 60) + 1
      all[minute] += lag
      if (!((minute, look) in seen)) { seen[minute, look] = 1; looks[minute]++ }
    }
    END {
      for (p = 0; p in most; p++) {
        print "partition_" p "_lag_min_records", least[p]
        print "partition_" p "_lag_max_records", most[p]
        print "partition_" p "_lag_last_records", last[p]
      }
      for (m = 1; m in all; m++) printf "minute_%d_lag_mean_records %d\n", m, all[m] / looks[m]
    }' "$@"
}

live() {
  local stations service producer started second name value service_before kafka_before postgres_before warm=30
  # A station reports about 556 events in 168 hours; a quarter more than is needed, and the fleet is stopped when its time is over.
  stations=$(calculate %d "$rate * $minutes * 60 * 1.25 / 556 + 1")
  say "Live: $rate events/s for $minutes minutes ..."
  make_topic live
  new_database
  make_tariffs live "$stations"
  start_worker service live --follow --http 127.0.0.1:0
  service=$worker
  await 60 'the service is not served' is_served
  http_port=$(sed -n 's/.*served on http:[^ ]*:\([0-9]*\)\..*/\1/p' service.log | head -n 1)
  await 60 'the service reads no partition' is_ready
  rm -f producer.* second-*.metrics
  kafka_before=$(kafka_ticks) postgres_before=$(postgres_ticks) service_before=$(ticks "$(<service.pid)" 12 13)
  started=$EPOCHREALTIME
  counted producer "$root/evbilling" simulate --stations "$stations" --hours 168 --rate "$rate" --to "kafka://$broker/live" --tariffs-to live-again.json --json &
  producer=$!
  for ((second = 1; second <= minutes * 60; second++)); do
    value=$((${started/[.,]/} + second * 1000000 - ${EPOCHREALTIME/[.,]/}))
    if ((value > 0)); then printf -v value "%d.%06d" $((value / 1000000)) $((value % 1000000)) && pause "$value"; fi
    printf -v name 'second-%05d.metrics' "$second"
    scrape "$name"
    kill -0 "$producer" 2>/dev/null || fail "the producer has ended: $(tail -n 1 producer.log)"
  done
  kill -TERM "$(<producer.pid)"
  wait "$producer" || fail "the producer failed: $(tail -n 1 producer.log)"
  figure live 1 produced_events "$(member events producer.out)"
  figure live 1 produced_events_per_s "$(calculate %d "$(member events producer.out) / ($EPOCHREALTIME - $started)")"
  await 120 'what was produced is not billed' is_committed "$(member events producer.out)"
  figure live 1 service_cpu_s "$(cpu_s $(($(ticks "$(<service.pid)" 12 13) - service_before)))"
  figure live 1 producer_cpu_s "$(cpu_s "$(<producer.ticks)")"
  figure live 1 postgres_cpu_s "$(cpu_s $(($(postgres_ticks) - postgres_before)))"
  figure live 1 kafka_cpu_s "$(cpu_s $(($(kafka_ticks) - kafka_before)))"
  figure live 1 cpu_elapsed_s "$(calculate %.2f "$EPOCHREALTIME - $started")"
  scrape last.metrics
  : >none.metrics
  figure live 1 ends_billed "$(awk '$1 == "evbilling_event_to_bill_seconds_count" { print $2 }' last.metrics)"
  figure live 1 end_to_bill_p50_s "$(quantile 0.5 none.metrics last.metrics)"
  figure live 1 end_to_bill_p99_s "$(quantile 0.99 none.metrics last.metrics)"
  # Without the time in which the program is compiled.
  name=$(printf 'second-%05d.metrics' $warm)
  figure live 1 "after_${warm}_s_end_to_bill_p50_s" "$(quantile 0.5 "$name" last.metrics)"
  figure live 1 "after_${warm}_s_end_to_bill_p99_s" "$(quantile 0.99 "$name" last.metrics)"
  while read -r name value; do
    figure live 1 "$name" "$value"
  done < <(lags second-*.metrics)
  kill -TERM "$(<service.pid)"
  end_worker service "$service"
  check_read "$(member events producer.out)"
  drop_topic live
}
