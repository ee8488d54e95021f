-- What was read is counted where it is committed, so that a day's books can be balanced by SQL alone.
ALTER TABLE evbilling.positions
    ADD COLUMN records bigint NOT NULL DEFAULT 0,
    ADD COLUMN events bigint NOT NULL DEFAULT 0,
    ADD COLUMN letters bigint NOT NULL DEFAULT 0,
    ADD COLUMN repeats bigint NOT NULL DEFAULT 0,
    ADD COLUMN confirmed_at timestamptz;

COMMENT ON COLUMN evbilling.positions.records IS 'Records that were read and committed, again after a rewind; in a store of version 2 or older only those from then on, and the dead letters of before.';
COMMENT ON COLUMN evbilling.positions.events IS 'Of records, those that went into sessions, copies of known events too.';
COMMENT ON COLUMN evbilling.positions.letters IS 'Of records, those that are in dead_letters.';
COMMENT ON COLUMN evbilling.positions.repeats IS 'Of records, those that were refused again: the same record is in dead_letters already.';
COMMENT ON COLUMN evbilling.positions.confirmed_at IS 'When the position was last committed, moved or not; null = before this was kept.';

-- Letters of before are counted as records, on one of the partition's rows.
UPDATE evbilling.positions AS p SET records = d.letters, letters = d.letters
FROM (SELECT source, partition, count(*) AS letters FROM evbilling.dead_letters GROUP BY source, partition) AS d,
    (SELECT DISTINCT ON (source, partition) source, incarnation, partition FROM evbilling.positions ORDER BY source, partition, read_at DESC NULLS LAST, incarnation) AS newest
WHERE d.source = p.source AND d.partition = p.partition AND newest.source = p.source AND newest.incarnation = p.incarnation AND newest.partition = p.partition;

-- Bills of a day are found without reading all of them: rows are written about in the order of their ends.
CREATE INDEX bills_by_end ON evbilling.bills USING brin (ended_at) WITH (pages_per_range = 32, autosummarize = on);

-- Of sources that were replaced by others of their name, only the newest one counts.
CREATE VIEW evbilling.progress_by_source AS
SELECT p.source, p.incarnation, count(*) AS partitions, sum(greatest(p.end_offset - p.next_offset, 0)) AS lag, count(*) FILTER (WHERE p.end_offset IS NULL) AS ends_unknown,
    min(p.confirmed_at) AS confirmed_at, sum(p.records) AS records, sum(p.events) AS events, sum(p.letters) AS letters, sum(p.repeats) AS repeats
FROM evbilling.positions AS p
WHERE p.next_offset IS NOT NULL AND p.incarnation = (
    SELECT n.incarnation FROM evbilling.positions AS n
    WHERE n.source = p.source AND n.next_offset IS NOT NULL ORDER BY n.confirmed_at DESC NULLS LAST, n.read_at DESC NULLS LAST LIMIT 1)
GROUP BY p.source, p.incarnation;

CREATE VIEW evbilling.bill_sums AS
SELECT c.session_id, c.version, c.ended_at, c.currency, c.total_excl_vat, c.total_incl_vat, l.lines_excl_vat, l.lines_vat,
    c.total_excl_vat = l.lines_excl_vat AND coalesce(c.total_incl_vat = c.total_excl_vat + l.lines_vat, true) AS holds
FROM evbilling.cdrs AS c CROSS JOIN LATERAL (
    SELECT coalesce(sum((line ->> 7)::numeric), 0) AS lines_excl_vat, coalesce(sum((line ->> 9)::numeric), 0) AS lines_vat FROM json_array_elements(c.lines) AS line) AS l;

COMMENT ON VIEW evbilling.progress_by_source IS 'How far each source was read as a whole, and what was read of it; of sources of one name the newest.';
COMMENT ON COLUMN evbilling.progress_by_source.source IS 'The log: an absolute path, - for standard input, or a topic.';
COMMENT ON COLUMN evbilling.progress_by_source.incarnation IS 'Tells this log from another that had the same name before.';
COMMENT ON COLUMN evbilling.progress_by_source.partitions IS 'Partitions of which something was committed.';
COMMENT ON COLUMN evbilling.progress_by_source.lag IS 'Records that were still to be read when each partition was last looked at; of a file bytes. Partitions whose end is not known add nothing.';
COMMENT ON COLUMN evbilling.progress_by_source.ends_unknown IS 'Partitions whose end is not known, as where Spark reads.';
COMMENT ON COLUMN evbilling.progress_by_source.confirmed_at IS 'When the partition was confirmed that was not for longest; null = before this was kept.';
COMMENT ON COLUMN evbilling.progress_by_source.records IS 'Records that were read.';
COMMENT ON COLUMN evbilling.progress_by_source.events IS 'Of records, those that went into sessions.';
COMMENT ON COLUMN evbilling.progress_by_source.letters IS 'Of records, those that are in dead_letters.';
COMMENT ON COLUMN evbilling.progress_by_source.repeats IS 'Of records, those that were refused again.';

COMMENT ON VIEW evbilling.bill_sums IS 'Each current final bill: do its lines add up to its totals?';
COMMENT ON COLUMN evbilling.bill_sums.session_id IS 'The session, as its events name it.';
COMMENT ON COLUMN evbilling.bill_sums.version IS '1, 2, ... of each session.';
COMMENT ON COLUMN evbilling.bill_sums.ended_at IS 'The end of the session.';
COMMENT ON COLUMN evbilling.bill_sums.currency IS 'ISO 4217, of all amounts.';
COMMENT ON COLUMN evbilling.bill_sums.total_excl_vat IS 'Without VAT, as the bill states it.';
COMMENT ON COLUMN evbilling.bill_sums.total_incl_vat IS 'With VAT, as the bill states it; null = not known.';
COMMENT ON COLUMN evbilling.bill_sums.lines_excl_vat IS 'The sum of its lines without VAT.';
COMMENT ON COLUMN evbilling.bill_sums.lines_vat IS 'The sum of the VAT of its lines.';
COMMENT ON COLUMN evbilling.bill_sums.holds IS 'The lines add up to both totals, as far as these are known.';
