CREATE TABLE evbilling.schema_version(
    version int PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE evbilling.meta(
    key text COLLATE "C" PRIMARY KEY,
    value text);

-- A row for each lowest partition of batches, so that workers with partitions of their own never wait for each other here.
CREATE TABLE evbilling.counters(
    slot int PRIMARY KEY,
    sessions bigint NOT NULL DEFAULT 0,
    final bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    void bigint NOT NULL DEFAULT 0,
    event_clock_ns bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);

CREATE TABLE evbilling.positions(
    source text COLLATE "C" NOT NULL,
    incarnation text COLLATE "C" NOT NULL,
    partition int NOT NULL,
    next_offset bigint,
    end_offset bigint,
    clock_ns bigint NOT NULL DEFAULT 0,
    read_at timestamptz,
    gap_records bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL,
    owner text NOT NULL,
    PRIMARY KEY(source, incarnation, partition)) WITH (fillfactor = 50);

-- Half of each page is left free: an open session that gets more events then stays on its page, and no index is touched.
CREATE TABLE evbilling.sessions(
    started_at bigint NOT NULL,
    last_event_at bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    connector bigint,
    tariffs_until bigint,
    version int NOT NULL,
    revision int NOT NULL,
    partition int,
    state smallint NOT NULL,
    bill_status smallint NOT NULL,
    format smallint NOT NULL,
    session_id text COLLATE "C" PRIMARY KEY,
    content_hash bytea,
    record bytea NOT NULL) WITH (fillfactor = 50);
CREATE INDEX sessions_by_connector ON evbilling.sessions(connector, started_at) WHERE connector IS NOT NULL;
CREATE INDEX sessions_unended ON evbilling.sessions(session_id) WHERE state IN (0, 3);
CREATE INDEX sessions_held ON evbilling.sessions(session_id) WHERE bill_status = 2;

CREATE TABLE evbilling.bills(
    session_id text COLLATE "C" NOT NULL,
    version int NOT NULL,
    supersedes int,
    status text COLLATE "C" NOT NULL,
    flags text[] NOT NULL,
    location_id text COLLATE "C",
    station_id text COLLATE "C",
    evse_id text COLLATE "C",
    connector_id text COLLATE "C",
    token_id text COLLATE "C",
    tariff_id text COLLATE "C",
    tariff_sequence bigint,
    currency text COLLATE "C",
    started_at timestamptz NOT NULL,
    started_ns smallint NOT NULL DEFAULT 0,
    ended_at timestamptz NOT NULL,
    ended_ns smallint NOT NULL DEFAULT 0,
    energy_wh numeric,
    charging_s numeric NOT NULL,
    parking_s numeric NOT NULL,
    waiting_s numeric NOT NULL,
    total_excl_vat numeric,
    total_incl_vat numeric,
    vat_breakdown json NOT NULL,
    lines json NOT NULL,
    periods json NOT NULL,
    readings int NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY(session_id, version));

CREATE TABLE evbilling.dead_letters(
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    partition int NOT NULL,
    position bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    bytes bytea NOT NULL,
    redacted boolean NOT NULL,
    at timestamptz NOT NULL,
    digest bytea NOT NULL UNIQUE);
CREATE INDEX dead_letters_by_position ON evbilling.dead_letters(source, partition, position);

CREATE TABLE evbilling.contacts(
    session_id text COLLATE "C" PRIMARY KEY,
    phone_number text COLLATE "C",
    email text COLLATE "C",
    erased_at timestamptz);

CREATE TABLE evbilling.decisions(
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    action text NOT NULL,
    value text,
    content_hash bytea);
CREATE INDEX decisions_by_session ON evbilling.decisions(session_id, at, id);

CREATE TABLE evbilling.tariffs(
    sequence bigint PRIMARY KEY,
    content_hash text COLLATE "C" NOT NULL UNIQUE,
    tariff_id text COLLATE "C",
    json bytea NOT NULL,
    loaded_at timestamptz NOT NULL);

CREATE TABLE evbilling.locations(
    sequence bigint PRIMARY KEY,
    content_hash text COLLATE "C" NOT NULL UNIQUE,
    location_id text COLLATE "C",
    json bytea NOT NULL,
    loaded_at timestamptz NOT NULL);

CREATE VIEW evbilling.cdrs AS
SELECT session_id, version, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, started_at, ended_at,
    energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, readings, written_at
FROM evbilling.bills AS b
WHERE status = 'final'
    AND NOT EXISTS (SELECT 1 FROM evbilling.bills AS n WHERE n.session_id = b.session_id AND n.version > b.version AND n.status IN ('final', 'void'));

CREATE VIEW evbilling.bills_held AS
SELECT b.session_id, b.version, b.flags, b.location_id, b.station_id, b.tariff_id, b.started_at, b.ended_at, b.written_at
FROM evbilling.sessions AS s JOIN evbilling.bills AS b ON b.session_id = s.session_id AND b.version = s.version
WHERE s.bill_status = 2;

CREATE VIEW evbilling.sessions_open AS
SELECT session_id, to_timestamp(0) + (started_at / 1000) * interval '1 microsecond' AS started_at,
    to_timestamp(0) + (last_event_at / 1000) * interval '1 microsecond' AS last_event_at, changed_at, partition
FROM evbilling.sessions WHERE state = 0;

-- Times in lines are milliseconds since the session's start, rounded to milliseconds.
CREATE VIEW evbilling.bill_lines AS
SELECT b.session_id, b.version, b.status, l.number::int AS line, l.line ->> 0 AS dimension,
    date_trunc('milliseconds', b.started_at + interval '500 microseconds') + (l.line ->> 1)::bigint * interval '1 millisecond' AS from_at,
    date_trunc('milliseconds', b.started_at + interval '500 microseconds') + (l.line ->> 2)::bigint * interval '1 millisecond' AS to_at,
    (l.line ->> 3)::numeric AS quantity, CASE l.line ->> 0 WHEN 'ENERGY' THEN 'kWh' WHEN 'FLAT' THEN 'session' ELSE 'h' END AS unit,
    (l.line ->> 4)::numeric AS measured_quantity, (l.line ->> 5)::numeric AS unit_price, (l.line ->> 6)::bigint AS step_size,
    (l.line ->> 7)::numeric AS amount_excl_vat, (l.line ->> 8)::numeric AS vat_rate, (l.line ->> 9)::numeric AS amount_vat,
    (l.line ->> 10)::int AS element, (l.line ->> 11)::int AS component, b.currency
FROM evbilling.bills AS b CROSS JOIN LATERAL json_array_elements(b.lines) WITH ORDINALITY AS l(line, number);

CREATE VIEW evbilling.revenue_by_day AS
SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, currency, count(*) AS bills, sum(energy_wh) / 1000 AS energy_kwh, sum(total_excl_vat) AS total_excl_vat,
    sum(total_incl_vat - total_excl_vat) AS vat, sum(total_incl_vat) AS total_incl_vat
FROM evbilling.cdrs GROUP BY 1, 2;

CREATE VIEW evbilling.revenue_by_site AS
SELECT location_id, currency, count(*) AS bills, sum(energy_wh) / 1000 AS energy_kwh, sum(total_excl_vat) AS total_excl_vat,
    sum(total_incl_vat - total_excl_vat) AS vat, sum(total_incl_vat) AS total_incl_vat
FROM evbilling.cdrs GROUP BY 1, 2;

CREATE VIEW evbilling.revenue_by_tariff AS
SELECT tariff_id, currency, count(*) AS bills, sum(energy_wh) / 1000 AS energy_kwh, sum(total_excl_vat) AS total_excl_vat,
    sum(total_incl_vat - total_excl_vat) AS vat, sum(total_incl_vat) AS total_incl_vat
FROM evbilling.cdrs GROUP BY 1, 2;

CREATE VIEW evbilling.energy_by_day AS
SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, location_id, count(*) AS bills, sum(energy_wh) / 1000 AS energy_kwh,
    sum(charging_s) / 3600 AS charging_h, sum(parking_s) / 3600 AS parking_h
FROM evbilling.cdrs GROUP BY 1, 2;

CREATE VIEW evbilling.dead_letters_by_reason AS
SELECT reason, count(*) AS letters, min(at) AS first_at, max(at) AS last_at FROM evbilling.dead_letters GROUP BY reason;

CREATE VIEW evbilling.progress AS
SELECT source, incarnation, partition, next_offset, end_offset, greatest(end_offset - next_offset, 0) AS lag,
    CASE WHEN clock_ns > 0 THEN to_timestamp(0) + (clock_ns / 1000) * interval '1 microsecond' END AS clock_at, read_at, gap_records, owner
FROM evbilling.positions WHERE next_offset IS NOT NULL;
