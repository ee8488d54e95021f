COMMENT ON SCHEMA evbilling IS 'Charging sessions, their bills, and how far events were read. Written by EvBilling alone; anyone with the right may read.';

COMMENT ON TABLE evbilling.schema_version IS 'Which steps made these tables.';
COMMENT ON COLUMN evbilling.schema_version.version IS '1, 2, ...; the highest is the version that a program must know.';
COMMENT ON COLUMN evbilling.schema_version.applied_at IS 'When the step was taken.';

COMMENT ON TABLE evbilling.meta IS 'Options of the last run, and when old sessions were last removed.';
COMMENT ON COLUMN evbilling.meta.key IS 'default_tariff_id, time_zone_id, max_session_s, close_after_s, pruned_at (seconds since 1970), has_archive.';
COMMENT ON COLUMN evbilling.meta.value IS 'The value as text.';

COMMENT ON TABLE evbilling.counters IS 'Counts, as the sum over all rows; several rows, so that workers do not wait for each other.';
COMMENT ON COLUMN evbilling.counters.slot IS 'The lowest partition of the batches that were counted here; -1 = batches without partitions.';
COMMENT ON COLUMN evbilling.counters.sessions IS 'Sessions that were ever seen.';
COMMENT ON COLUMN evbilling.counters.final IS 'Sessions whose bill is final.';
COMMENT ON COLUMN evbilling.counters.held IS 'Sessions whose bill is held.';
COMMENT ON COLUMN evbilling.counters.void IS 'Sessions whose bill is void.';
COMMENT ON COLUMN evbilling.counters.event_clock_ns IS 'The newest time of all events, in nanoseconds since 1970; the greatest of all rows counts.';

COMMENT ON TABLE evbilling.positions IS 'How far each partition of each source was read, and which worker may commit more of it.';
COMMENT ON COLUMN evbilling.positions.source IS 'The log: an absolute path, - for standard input, or a topic.';
COMMENT ON COLUMN evbilling.positions.incarnation IS 'Tells this log from another that had the same name before.';
COMMENT ON COLUMN evbilling.positions.partition IS 'From 0; a file has one.';
COMMENT ON COLUMN evbilling.positions.next_offset IS 'What is read next; null = from the start.';
COMMENT ON COLUMN evbilling.positions.end_offset IS 'Where the partition ended when last looked at; null = not known.';
COMMENT ON COLUMN evbilling.positions.clock_ns IS 'The newest time of its events, in nanoseconds since 1970; 0 = none.';
COMMENT ON COLUMN evbilling.positions.read_at IS 'When records of it were last committed.';
COMMENT ON COLUMN evbilling.positions.gap_records IS 'Records that were gone before they could be read.';
COMMENT ON COLUMN evbilling.positions.epoch IS 'Goes up with every worker that takes the partition; a commit under an older one fails.';
COMMENT ON COLUMN evbilling.positions.owner IS 'The worker that took it last: machine, process, a number of its own.';

COMMENT ON TABLE evbilling.sessions IS 'The truth about each session: the set of its events. Rows are removed some time after they last changed; bills stay.';
COMMENT ON COLUMN evbilling.sessions.session_id IS 'The session, as its events name it.';
COMMENT ON COLUMN evbilling.sessions.state IS '0 open, 1 ended, 2 closed by age, 3 closed because a later session followed on the connector.';
COMMENT ON COLUMN evbilling.sessions.bill_status IS '0 open, 1 final, 2 held, 3 void.';
COMMENT ON COLUMN evbilling.sessions.version IS 'The newest version of its bill; 0 = none.';
COMMENT ON COLUMN evbilling.sessions.revision IS 'How often the row was written; tells a worker that another has written it.';
COMMENT ON COLUMN evbilling.sessions.content_hash IS 'Tells the content of the newest version from another; null = no bill.';
COMMENT ON COLUMN evbilling.sessions.tariffs_until IS 'Once its bill was final: the sequence of the newest tariff that may rate it.';
COMMENT ON COLUMN evbilling.sessions.connector IS 'A hash of location, station, EVSE and connector; null = neither station nor EVSE is stated.';
COMMENT ON COLUMN evbilling.sessions.started_at IS 'Nanoseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN evbilling.sessions.last_event_at IS 'The newest event, in nanoseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN evbilling.sessions.changed_at IS 'When the row was last written.';
COMMENT ON COLUMN evbilling.sessions.partition IS 'The partition that its newest event came from; null = none with a number.';
COMMENT ON COLUMN evbilling.sessions.format IS 'The form of record.';
COMMENT ON COLUMN evbilling.sessions.record IS 'Its events in binary form.';

COMMENT ON TABLE evbilling.bills IS 'Every version of every bill; rows are never changed. An open session has no bill.';
COMMENT ON COLUMN evbilling.bills.session_id IS 'The session, as its events name it.';
COMMENT ON COLUMN evbilling.bills.version IS '1, 2, ... of each session.';
COMMENT ON COLUMN evbilling.bills.supersedes IS 'The version that this one replaces.';
COMMENT ON COLUMN evbilling.bills.status IS 'final, held (never invoiced; the flags say why) or void.';
COMMENT ON COLUMN evbilling.bills.flags IS 'What a reader of the bill must know, by name.';
COMMENT ON COLUMN evbilling.bills.location_id IS 'The site.';
COMMENT ON COLUMN evbilling.bills.station_id IS 'The charging station.';
COMMENT ON COLUMN evbilling.bills.evse_id IS 'The EVSE of the station.';
COMMENT ON COLUMN evbilling.bills.connector_id IS 'The connector of the EVSE.';
COMMENT ON COLUMN evbilling.bills.token_id IS 'Whom to bill: the token that was presented.';
COMMENT ON COLUMN evbilling.bills.tariff_id IS 'The tariff that rated it.';
COMMENT ON COLUMN evbilling.bills.tariff_sequence IS 'Which row of tariffs rated it.';
COMMENT ON COLUMN evbilling.bills.currency IS 'ISO 4217, of all amounts.';
COMMENT ON COLUMN evbilling.bills.started_at IS 'The start of the session, whole microseconds.';
COMMENT ON COLUMN evbilling.bills.started_ns IS 'What started_at leaves over: 0 to 999 nanoseconds.';
COMMENT ON COLUMN evbilling.bills.ended_at IS 'The end of the session, whole microseconds.';
COMMENT ON COLUMN evbilling.bills.ended_ns IS 'What ended_at leaves over: 0 to 999 nanoseconds.';
COMMENT ON COLUMN evbilling.bills.energy_wh IS 'Energy in Wh; null = not known.';
COMMENT ON COLUMN evbilling.bills.charging_s IS 'Charging time in seconds.';
COMMENT ON COLUMN evbilling.bills.parking_s IS 'Parking time in seconds.';
COMMENT ON COLUMN evbilling.bills.waiting_s IS 'Time in seconds that counts as neither.';
COMMENT ON COLUMN evbilling.bills.total_excl_vat IS 'Without VAT; null = not known, as of every held bill.';
COMMENT ON COLUMN evbilling.bills.total_incl_vat IS 'With VAT; null = not known.';
COMMENT ON COLUMN evbilling.bills.vat_breakdown IS '[[rate in percent, base, amount], ...].';
COMMENT ON COLUMN evbilling.bills.lines IS 'Arrays by position; the view bill_lines names them.';
COMMENT ON COLUMN evbilling.bills.periods IS 'Periods of the CDR: [[start in ms since started_at, energy in 0.1 Wh, TIME in ms, PARKING_TIME in ms], ...].';
COMMENT ON COLUMN evbilling.bills.readings IS 'How many meter readings count.';
COMMENT ON COLUMN evbilling.bills.written_at IS 'When this version was written.';

COMMENT ON TABLE evbilling.dead_letters IS 'Records that were refused.';
COMMENT ON COLUMN evbilling.dead_letters.number IS 'Given once.';
COMMENT ON COLUMN evbilling.dead_letters.source IS 'The log that it came from.';
COMMENT ON COLUMN evbilling.dead_letters.partition IS 'The partition of the log.';
COMMENT ON COLUMN evbilling.dead_letters.position IS 'Its position in the partition.';
COMMENT ON COLUMN evbilling.dead_letters.reason IS 'A code, such as NotJson.';
COMMENT ON COLUMN evbilling.dead_letters.detail IS 'The reason as a sentence.';
COMMENT ON COLUMN evbilling.dead_letters.bytes IS 'The record, contact data blanked.';
COMMENT ON COLUMN evbilling.dead_letters.redacted IS 'Whether something was blanked.';
COMMENT ON COLUMN evbilling.dead_letters.at IS 'When it was refused.';
COMMENT ON COLUMN evbilling.dead_letters.digest IS 'Tells whether the same record is there already.';

COMMENT ON TABLE evbilling.contacts IS 'Contact data of persons, apart from everything else.';
COMMENT ON COLUMN evbilling.contacts.session_id IS 'The session that brought it.';
COMMENT ON COLUMN evbilling.contacts.phone_number IS 'Null = not stated, or erased.';
COMMENT ON COLUMN evbilling.contacts.email IS 'Null = not stated, or erased.';
COMMENT ON COLUMN evbilling.contacts.erased_at IS 'Deleted for good, and not taken again.';

COMMENT ON TABLE evbilling.decisions IS 'Decisions of persons on bills; only added to. The last by (at, id) counts.';
COMMENT ON COLUMN evbilling.decisions.id IS 'In order of writing.';
COMMENT ON COLUMN evbilling.decisions.session_id IS 'The session that it decides on.';
COMMENT ON COLUMN evbilling.decisions.at IS 'When it was made.';
COMMENT ON COLUMN evbilling.decisions.by IS 'Who made it.';
COMMENT ON COLUMN evbilling.decisions.reason IS 'Why.';
COMMENT ON COLUMN evbilling.decisions.action IS 'What was decided.';
COMMENT ON COLUMN evbilling.decisions.value IS 'The value that was set, where the action sets one.';
COMMENT ON COLUMN evbilling.decisions.content_hash IS 'The content that it was made on.';

COMMENT ON TABLE evbilling.tariffs IS 'Every tariff version that was read.';
COMMENT ON COLUMN evbilling.tariffs.sequence IS '1, 2, ... in the order of reading.';
COMMENT ON COLUMN evbilling.tariffs.content_hash IS 'SHA-256 of json.';
COMMENT ON COLUMN evbilling.tariffs.tariff_id IS 'Its id.';
COMMENT ON COLUMN evbilling.tariffs.json IS 'The tariff byte by byte as it was read, UTF-8.';
COMMENT ON COLUMN evbilling.tariffs.loaded_at IS 'When it was first read.';

COMMENT ON TABLE evbilling.locations IS 'Every location that was read.';
COMMENT ON COLUMN evbilling.locations.sequence IS '1, 2, ... in the order of reading; of one id the last counts.';
COMMENT ON COLUMN evbilling.locations.content_hash IS 'SHA-256 of json.';
COMMENT ON COLUMN evbilling.locations.location_id IS 'Its id.';
COMMENT ON COLUMN evbilling.locations.json IS 'The location byte by byte as it was read, UTF-8.';
COMMENT ON COLUMN evbilling.locations.loaded_at IS 'When it was first read.';

COMMENT ON VIEW evbilling.cdrs IS 'The current final version of each bill: what is invoiced and sent to partners.';
COMMENT ON VIEW evbilling.bills_held IS 'Bills that cannot be defended as things stand, and the flags that say why.';
COMMENT ON VIEW evbilling.sessions_open IS 'Sessions that have not ended.';
COMMENT ON COLUMN evbilling.sessions_open.started_at IS 'The first event.';
COMMENT ON COLUMN evbilling.sessions_open.last_event_at IS 'The newest event.';
COMMENT ON VIEW evbilling.bill_lines IS 'The lines of every version of every bill; join cdrs on session_id and version for those that are invoiced.';
COMMENT ON COLUMN evbilling.bill_lines.line IS '1, 2, ... within the bill.';
COMMENT ON COLUMN evbilling.bill_lines.dimension IS 'ENERGY, TIME, PARKING_TIME or FLAT.';
COMMENT ON COLUMN evbilling.bill_lines.from_at IS 'Start of the first period billed.';
COMMENT ON COLUMN evbilling.bill_lines.to_at IS 'End of the last period billed.';
COMMENT ON COLUMN evbilling.bill_lines.quantity IS 'What is billed, step size included.';
COMMENT ON COLUMN evbilling.bill_lines.unit IS 'kWh, h or session.';
COMMENT ON COLUMN evbilling.bill_lines.measured_quantity IS 'What was measured.';
COMMENT ON COLUMN evbilling.bill_lines.unit_price IS 'The price of one unit without VAT.';
COMMENT ON COLUMN evbilling.bill_lines.step_size IS 'In Wh or seconds; 0 = none.';
COMMENT ON COLUMN evbilling.bill_lines.amount_excl_vat IS 'The amount without VAT.';
COMMENT ON COLUMN evbilling.bill_lines.vat_rate IS 'In percent; null = not known, or no tax applies.';
COMMENT ON COLUMN evbilling.bill_lines.amount_vat IS 'The VAT; null = not known.';
COMMENT ON COLUMN evbilling.bill_lines.element IS 'Place of the element in the tariff, from 0.';
COMMENT ON COLUMN evbilling.bill_lines.component IS 'Place of the price component in the element, from 0.';
COMMENT ON VIEW evbilling.revenue_by_day IS 'Current final bills by the day (UTC) on which the session ended, and currency.';
COMMENT ON VIEW evbilling.revenue_by_site IS 'Current final bills by location and currency.';
COMMENT ON VIEW evbilling.revenue_by_tariff IS 'Current final bills by tariff and currency.';
COMMENT ON VIEW evbilling.energy_by_day IS 'Energy of current final bills by the day (UTC) on which the session ended, and location.';
COMMENT ON COLUMN evbilling.energy_by_day.charging_h IS 'Charging time in hours.';
COMMENT ON COLUMN evbilling.energy_by_day.parking_h IS 'Parking time in hours.';
COMMENT ON VIEW evbilling.dead_letters_by_reason IS 'How many records were refused, and why.';
COMMENT ON COLUMN evbilling.dead_letters_by_reason.letters IS 'How many.';
COMMENT ON COLUMN evbilling.dead_letters_by_reason.first_at IS 'When the first was refused.';
COMMENT ON COLUMN evbilling.dead_letters_by_reason.last_at IS 'When the last was refused.';
COMMENT ON VIEW evbilling.progress IS 'How far each partition was read, and what is still to be read.';
COMMENT ON COLUMN evbilling.progress.lag IS 'Records between next_offset and end_offset; of a file bytes.';
COMMENT ON COLUMN evbilling.progress.clock_at IS 'The newest time of its events.';

-- Sums have the same names in several views, and a column that is passed on means what it means in its table.
DO $$
DECLARE
    lacking record;
    meaning text;
BEGIN
    FOR lacking IN
        SELECT c.oid, c.relname, a.attname, a.attnum
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'evbilling'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 AND pg_catalog.col_description(c.oid, a.attnum) IS NULL
    LOOP
        meaning := CASE
            WHEN lacking.relname LIKE '%\_by\_%' THEN CASE lacking.attname
                WHEN 'day' THEN 'The day (UTC) on which sessions ended.'
                WHEN 'bills' THEN 'How many bills.'
                WHEN 'energy_kwh' THEN 'Energy in kWh.'
                WHEN 'total_excl_vat' THEN 'Sum without VAT.'
                WHEN 'vat' THEN 'Sum of VAT.'
                WHEN 'total_incl_vat' THEN 'Sum with VAT.'
            END
        END;
        IF meaning IS NULL THEN
            SELECT pg_catalog.col_description(t.oid, a.attnum) INTO meaning
            FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid
            WHERE a.attname = lacking.attname AND a.attnum > 0 AND t.oid = CASE
                WHEN lacking.relname = 'sessions_open' THEN 'evbilling.sessions'
                WHEN lacking.relname = 'progress' THEN 'evbilling.positions'
                WHEN lacking.relname = 'dead_letters_by_reason' THEN 'evbilling.dead_letters'
                ELSE 'evbilling.bills' END::regclass;
        END IF;
        EXECUTE format('COMMENT ON COLUMN evbilling.%I.%I IS %L', lacking.relname, lacking.attname, meaning);
    END LOOP;
END
$$;
