DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'evbilling_writer') THEN
        CREATE ROLE evbilling_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'evbilling_reader') THEN
        CREATE ROLE evbilling_reader NOLOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO evbilling_writer', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO evbilling_reader', current_database());
END
$$;
REVOKE ALL ON ALL TABLES IN SCHEMA evbilling FROM evbilling_writer, evbilling_reader;
GRANT USAGE ON SCHEMA evbilling TO evbilling_writer, evbilling_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA evbilling TO evbilling_writer, evbilling_reader;
REVOKE ALL ON evbilling.contacts FROM evbilling_reader;
GRANT INSERT ON evbilling.bills, evbilling.decisions, evbilling.tariffs, evbilling.locations TO evbilling_writer;
GRANT INSERT, UPDATE ON evbilling.positions, evbilling.counters, evbilling.meta, evbilling.contacts TO evbilling_writer;
GRANT INSERT, UPDATE, DELETE ON evbilling.sessions TO evbilling_writer;
GRANT INSERT, DELETE ON evbilling.dead_letters TO evbilling_writer;
