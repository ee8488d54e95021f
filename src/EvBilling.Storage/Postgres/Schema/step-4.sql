ALTER TABLE evbilling.bills ADD COLUMN IF NOT EXISTS rating_readings json, ADD COLUMN IF NOT EXISTS tariff_changes json;

CREATE OR REPLACE VIEW evbilling.cdrs AS
SELECT session_id, version, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, started_at, ended_at,
    energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, readings, written_at, rating_readings, tariff_changes
FROM evbilling.bills AS b
WHERE status = 'final'
    AND NOT EXISTS (SELECT 1 FROM evbilling.bills AS n WHERE n.session_id = b.session_id AND n.version > b.version AND n.status IN ('final', 'void'));

COMMENT ON COLUMN evbilling.meta.key IS 'default_tariff_id, time_zone_id, max_session_s, close_after_s, readings, pruned_at (seconds since 1970), has_archive.';
COMMENT ON COLUMN evbilling.bills.rating_readings IS 'Readings of OCPI other than the default, {name: value, ...}; null = none.';
COMMENT ON COLUMN evbilling.bills.tariff_changes IS 'Tariff versions that took the first one''s place: [[ms since started_at, row of tariffs], ...]; null = none.';
COMMENT ON COLUMN evbilling.cdrs.rating_readings IS 'Readings of OCPI other than the default, {name: value, ...}; null = none.';
COMMENT ON COLUMN evbilling.cdrs.tariff_changes IS 'Tariff versions that took the first one''s place: [[ms since started_at, row of tariffs], ...]; null = none.';
