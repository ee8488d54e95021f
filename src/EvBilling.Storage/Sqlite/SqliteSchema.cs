namespace EvBilling.Storage.Sqlite;

/// <summary>The tables. A change is a new version with its own step; a store of any released version is brought up to date when it is opened for writing.</summary>
internal static class SqliteSchema
{
    /// <summary>"EvBi": tells our files from other programs'.</summary>
    public const int ApplicationId = 0x45764269;

    public const int Version = 3;

    /// <summary>The step to each version from the one before.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;

        CREATE TABLE positions(
            source TEXT NOT NULL, incarnation TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
            PRIMARY KEY(source, incarnation, partition)) WITHOUT ROWID;

        -- The truth about a session: the set of its events. state: 0 open, 1 ended, 2 closed by age, 3 closed by a later session on the connector.
        -- bill_status: 0 open, 1 final, 2 held, 3 void. Times are nanoseconds since 1970, changed_at seconds.
        -- Rows lie in the order in which they came, found by small indexes: a batch then touches few pages, whatever the ids look like.
        CREATE TABLE sessions(
            session_id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, bill_status INTEGER NOT NULL, version INTEGER NOT NULL, content_hash BLOB,
            tariffs_until INTEGER, connector INTEGER, started_at INTEGER NOT NULL, last_event_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            record BLOB NOT NULL);
        CREATE INDEX sessions_by_connector ON sessions(connector, started_at) WHERE connector IS NOT NULL;
        CREATE INDEX sessions_unended ON sessions(session_id) WHERE state IN (0, 3);
        CREATE INDEX sessions_held ON sessions(session_id) WHERE bill_status = 2;

        -- Every version of every bill. energy in mWh, durations in nanoseconds, amounts as exact decimals in text.
        CREATE TABLE bills(
            session_id TEXT NOT NULL, version INTEGER NOT NULL, supersedes INTEGER, status INTEGER NOT NULL, flags TEXT NOT NULL,
            location_id TEXT, station_id TEXT, evse_id TEXT, connector_id TEXT, token_id TEXT, tariff_id TEXT, tariff_sequence INTEGER, currency TEXT,
            started_at TEXT NOT NULL, ended_at TEXT NOT NULL, energy_mwh INTEGER, charging_ns INTEGER NOT NULL, parking_ns INTEGER NOT NULL,
            waiting_ns INTEGER NOT NULL, total_excl_vat TEXT, total_incl_vat TEXT, vat_breakdown TEXT NOT NULL, lines TEXT NOT NULL, periods TEXT NOT NULL,
            readings INTEGER NOT NULL, written_at INTEGER NOT NULL,
            UNIQUE(session_id, version));

        CREATE TABLE dead_letters(
            number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
            detail TEXT NOT NULL, bytes BLOB NOT NULL, redacted INTEGER NOT NULL, at INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE);

        CREATE TABLE tariffs(sequence INTEGER PRIMARY KEY, content_hash TEXT NOT NULL UNIQUE, tariff_id TEXT, json BLOB NOT NULL, loaded_at INTEGER NOT NULL);
        CREATE TABLE locations(sequence INTEGER PRIMARY KEY, content_hash TEXT NOT NULL UNIQUE, location_id TEXT, json BLOB NOT NULL, loaded_at INTEGER NOT NULL);

        -- The current final versions: what is invoiced and sent to partners.
        CREATE VIEW cdrs AS SELECT * FROM bills AS b WHERE status = 1
            AND NOT EXISTS (SELECT 1 FROM bills AS n WHERE n.session_id = b.session_id AND n.version > b.version AND n.status IN (1, 3));
        CREATE VIEW sessions_open AS SELECT session_id, started_at, last_event_at, changed_at FROM sessions WHERE state = 0;
        """,
        """
        -- partition: of a session, the number of the one that its newest event came from. end_offset: where a partition ended when last looked at.
        -- clock_ns: the newest time of its events. read_at: when records of it were last committed, in seconds since 1970.
        ALTER TABLE sessions ADD COLUMN partition INTEGER;
        ALTER TABLE positions ADD COLUMN end_offset INTEGER;
        ALTER TABLE positions ADD COLUMN clock_ns INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE positions ADD COLUMN read_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE positions ADD COLUMN gap_records INTEGER NOT NULL DEFAULT 0;

        -- Contact data, apart from everything else. erased_at (seconds since 1970): deleted for good, and not taken again.
        CREATE TABLE contacts(session_id TEXT NOT NULL PRIMARY KEY, phone_number TEXT, email TEXT, erased_at INTEGER) WITHOUT ROWID;
        """,
        """
        -- rating_readings: {name: value, ...} of readings other than the default. tariff_changes: [[ms since started_at, sequence], ...] of tariff versions that
        -- took the first one's place. Null = none.
        ALTER TABLE bills ADD COLUMN rating_readings TEXT;
        ALTER TABLE bills ADD COLUMN tariff_changes TEXT;
        """,
    ];
}
