-- A session that comes with its bill, as a finished one does that is told of in one event, is one row: its row holds the first version of the bill, too. It
-- is written once, and stays as it is however often the session changes; versions that follow are rows of bill_versions. Numbers stand in the units of the
-- program, lists as text, so that writing costs little; the view bills shows all versions as before.
ALTER TABLE evbilling.bills RENAME TO bill_versions;

ALTER TABLE evbilling.sessions
    ADD COLUMN first_written_at timestamptz,
    ADD COLUMN first_started_at bigint,
    ADD COLUMN first_ended_at bigint,
    ADD COLUMN first_energy_mwh bigint,
    ADD COLUMN first_charging_ns bigint,
    ADD COLUMN first_parking_ns bigint,
    ADD COLUMN first_waiting_ns bigint,
    ADD COLUMN first_tariff_sequence bigint,
    ADD COLUMN first_readings int,
    ADD COLUMN first_status smallint,
    ADD COLUMN first_total_excl_vat numeric,
    ADD COLUMN first_total_incl_vat numeric,
    ADD COLUMN first_flags text COLLATE "C",
    ADD COLUMN first_location_id text COLLATE "C",
    ADD COLUMN first_station_id text COLLATE "C",
    ADD COLUMN first_evse_id text COLLATE "C",
    ADD COLUMN first_connector_id text COLLATE "C",
    ADD COLUMN first_token_id text COLLATE "C",
    ADD COLUMN first_tariff_id text COLLATE "C",
    ADD COLUMN first_currency text COLLATE "C",
    ADD COLUMN first_vat_breakdown text,
    ADD COLUMN first_lines text,
    ADD COLUMN first_periods text;

-- From one place, for the view and for what is kept when a session's row goes: FROM stands for the rows.
DO $step$
DECLARE
    first_bills text := $select$
        SELECT session_id, 1 AS version, NULL::int AS supersedes,
            CASE first_status WHEN 1 THEN 'final' WHEN 2 THEN 'held' WHEN 3 THEN 'void' END COLLATE "C" AS status,
            string_to_array(first_flags, ',') COLLATE "default" AS flags,
            first_location_id AS location_id, first_station_id AS station_id, first_evse_id AS evse_id, first_connector_id AS connector_id,
            first_token_id AS token_id, first_tariff_id AS tariff_id, first_tariff_sequence AS tariff_sequence, first_currency AS currency,
            to_timestamp(0) + (first_started_at - (first_started_at %% 1000 + 1000) %% 1000) / 1000000000 * interval '1 second'
                + (first_started_at - (first_started_at %% 1000 + 1000) %% 1000) %% 1000000000 / 1000 * interval '1 microsecond' AS started_at,
            ((first_started_at %% 1000 + 1000) %% 1000)::smallint AS started_ns,
            to_timestamp(0) + (first_ended_at - (first_ended_at %% 1000 + 1000) %% 1000) / 1000000000 * interval '1 second'
                + (first_ended_at - (first_ended_at %% 1000 + 1000) %% 1000) %% 1000000000 / 1000 * interval '1 microsecond' AS ended_at,
            ((first_ended_at %% 1000 + 1000) %% 1000)::smallint AS ended_ns,
            trim_scale(first_energy_mwh * 0.001) AS energy_wh, trim_scale(first_charging_ns * 0.000000001) AS charging_s,
            trim_scale(first_parking_ns * 0.000000001) AS parking_s, trim_scale(first_waiting_ns * 0.000000001) AS waiting_s,
            first_total_excl_vat AS total_excl_vat, first_total_incl_vat AS total_incl_vat,
            first_vat_breakdown::json AS vat_breakdown, first_lines::json AS lines, first_periods::json AS periods,
            first_readings AS readings, first_written_at AS written_at, NULL::json AS rating_readings, NULL::json AS tariff_changes
        FROM %s WHERE first_written_at IS NOT NULL$select$;
    columns text := 'session_id, version, supersedes, status, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, '
        'currency, started_at, started_ns, ended_at, ended_ns, energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, '
        'lines, periods, readings, written_at, rating_readings, tariff_changes';
BEGIN
    EXECUTE format('CREATE VIEW evbilling.bills AS SELECT %s FROM evbilling.bill_versions UNION ALL %s', columns, format(first_bills, 'evbilling.sessions'));
    -- Bills are kept for ever, whoever removes the session's row.
    EXECUTE format('CREATE FUNCTION evbilling.keep_bills() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO evbilling.bill_versions(%s) %s; RETURN NULL; END $f$',
        columns, format(first_bills, 'gone'));
END
$step$;
CREATE TRIGGER keep_bills AFTER DELETE ON evbilling.sessions REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION evbilling.keep_bills();

-- As before, but over the view. A first version is never the newer one of two.
CREATE OR REPLACE VIEW evbilling.cdrs AS
SELECT session_id, version, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, started_at, ended_at,
    energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, readings, written_at, rating_readings, tariff_changes
FROM evbilling.bills AS b
WHERE status = 'final'
    AND NOT EXISTS (SELECT 1 FROM evbilling.bill_versions AS n WHERE n.session_id = b.session_id AND n.version > b.version AND n.status IN ('final', 'void'));

CREATE OR REPLACE VIEW evbilling.bills_held AS
SELECT b.session_id, b.version, b.flags, b.location_id, b.station_id, b.tariff_id, b.started_at, b.ended_at, b.written_at
FROM evbilling.sessions AS s JOIN evbilling.bills AS b ON b.session_id = s.session_id AND b.version = s.version
WHERE s.bill_status = 2;

CREATE OR REPLACE VIEW evbilling.bill_lines AS
SELECT b.session_id, b.version, b.status, l.number::int AS line, l.line ->> 0 AS dimension,
    date_trunc('milliseconds', b.started_at + interval '500 microseconds') + (l.line ->> 1)::bigint * interval '1 millisecond' AS from_at,
    date_trunc('milliseconds', b.started_at + interval '500 microseconds') + (l.line ->> 2)::bigint * interval '1 millisecond' AS to_at,
    (l.line ->> 3)::numeric AS quantity, CASE l.line ->> 0 WHEN 'ENERGY' THEN 'kWh' WHEN 'FLAT' THEN 'session' ELSE 'h' END AS unit,
    (l.line ->> 4)::numeric AS measured_quantity, (l.line ->> 5)::numeric AS unit_price, (l.line ->> 6)::bigint AS step_size,
    (l.line ->> 7)::numeric AS amount_excl_vat, (l.line ->> 8)::numeric AS vat_rate, (l.line ->> 9)::numeric AS amount_vat,
    (l.line ->> 10)::int AS element, (l.line ->> 11)::int AS component, b.currency
FROM evbilling.bills AS b CROSS JOIN LATERAL json_array_elements(b.lines) WITH ORDINALITY AS l(line, number);

-- A statement sees one moment: of a batch all or nothing.
CREATE VIEW evbilling.reconciliation AS
WITH read AS (
    SELECT coalesce(sum(records), 0) AS records, coalesce(sum(events), 0) AS events, coalesce(sum(letters), 0) AS letters, coalesce(sum(repeats), 0) AS repeats FROM evbilling.positions),
counted AS (SELECT coalesce(sum(sessions), 0) AS sessions, coalesce(sum(final + held + void), 0) AS billed FROM evbilling.counters),
kept AS (
    SELECT count(*) FILTER (WHERE bill_status = 0) AS open, count(*) FILTER (WHERE bill_status = 0 AND version > 0) AS reopened, coalesce(sum(version), 0) AS versions FROM evbilling.sessions)
SELECT checks.name, checks.expected, checks.found, checks.expected = checks.found AS holds
FROM read, counted, kept, LATERAL (VALUES
    ('events', read.records, read.events + read.letters + read.repeats),
    ('dead letters', read.letters, (SELECT count(*) FROM evbilling.dead_letters)::numeric),
    ('sessions', counted.sessions, counted.billed + kept.open),
    ('bills', counted.billed + kept.reopened, (SELECT count(*) FROM evbilling.bills WHERE version = 1)::numeric),
    ('versions', kept.versions::numeric, (SELECT count(*) FROM evbilling.bills AS b WHERE EXISTS (SELECT 1 FROM evbilling.sessions AS s WHERE s.session_id = b.session_id))::numeric)
) AS checks(name, expected, found);

COMMENT ON VIEW evbilling.bills IS 'Every version of every bill. An open session has no bill.';
COMMENT ON TABLE evbilling.bill_versions IS 'Versions of bills that do not stand in their session''s row; rows are never changed. The view bills has all of them.';
COMMENT ON FUNCTION evbilling.keep_bills() IS 'Keeps the bills that stand in the rows of sessions that are removed.';
COMMENT ON COLUMN evbilling.sessions.first_written_at IS 'When the first version of its bill was written; null = that stands in bill_versions, or there is none.';
COMMENT ON COLUMN evbilling.sessions.first_started_at IS 'Of that version: the start, in nanoseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN evbilling.sessions.first_ended_at IS 'The end, in nanoseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN evbilling.sessions.first_energy_mwh IS 'Energy in mWh; null = not known.';
COMMENT ON COLUMN evbilling.sessions.first_charging_ns IS 'Charging time in nanoseconds.';
COMMENT ON COLUMN evbilling.sessions.first_parking_ns IS 'Parking time in nanoseconds.';
COMMENT ON COLUMN evbilling.sessions.first_waiting_ns IS 'Time in nanoseconds that counts as neither.';
COMMENT ON COLUMN evbilling.sessions.first_status IS '1 final, 2 held, 3 void.';
COMMENT ON COLUMN evbilling.sessions.first_flags IS 'Names of flags, joined by commas.';
COMMENT ON COLUMN evbilling.sessions.first_vat_breakdown IS 'JSON: [[rate in percent, base, amount], ...].';
COMMENT ON VIEW evbilling.reconciliation IS 'Do the books balance? A row a check; all of one moment, whoever writes meanwhile.';
COMMENT ON COLUMN evbilling.reconciliation.name IS 'events: records read = in sessions + dead letters + refused again. dead letters: counted = rows. sessions: ever seen = billed + not billed yet. bills: sessions that were ever billed = first versions. versions: as the sessions say = rows.';
COMMENT ON COLUMN evbilling.reconciliation.expected IS 'What was counted when it was committed.';
COMMENT ON COLUMN evbilling.reconciliation.found IS 'What is there.';
COMMENT ON COLUMN evbilling.reconciliation.holds IS 'They are the same.';

-- What a column means in bills it means beside them.
DO $$
DECLARE
    lacking record;
BEGIN
    FOR lacking IN
        SELECT c.relname, a.attname, pg_catalog.col_description('evbilling.bill_versions'::regclass, v.attnum) AS meaning
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        JOIN pg_catalog.pg_attribute AS v ON v.attrelid = 'evbilling.bill_versions'::regclass AND v.attname = regexp_replace(a.attname, '^first_', '')
        WHERE c.oid IN ('evbilling.bills'::regclass, 'evbilling.sessions'::regclass) AND a.attnum > 0
            AND pg_catalog.col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN evbilling.%I.%I IS %L', lacking.relname, lacking.attname, lacking.meaning);
    END LOOP;
END
$$;
