using System.Text;
using EvBilling.Engine;
using EvBilling.Storage.Sqlite;
using EvBilling.SystemTests.Support;
using Microsoft.Data.Sqlite;

namespace EvBilling.SystemTests.Stores;

/// <summary>The contract on SQLite, and what only a file can do wrong.</summary>
public sealed class SqliteBillStoreTests : BillStoreContract
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("bills.db");

    protected override IBillStore OpenStore(TimeProvider time) => SqliteBillStore.Open(Path, time);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    public static TheoryData<string, int> ForeignTexts => new() { { "x", 1 }, { "x", 2 }, { "text ", 99 }, { "text ", 100 }, { "\0", 512 }, { "text ", 20_000 } };

    [Theory]
    [MemberData(nameof(ForeignTexts))]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_was(string of, int bytes) =>
        AssertRefused(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(of, bytes)))[..bytes], "no SQLite database");

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public void Another_programs_database_is_refused_and_left_as_it_was(string journal) =>
        AssertRefused(Database($"PRAGMA journal_mode = {journal}; CREATE TABLE other(x); INSERT INTO other VALUES(1);"), "another program");

    [Fact]
    public void A_database_marked_by_another_program_is_refused_though_it_has_no_tables() =>
        AssertRefused(Database("PRAGMA application_id = 77; PRAGMA user_version = 1;"), "another program");

    [Fact]
    public void A_store_of_a_newer_version_is_refused_and_left_as_it_was()
    {
        SqliteBillStore.Open(Path, Clock).Dispose();
        Execute("PRAGMA user_version = 1000;");
        AssertRefused(System.IO.File.ReadAllBytes(Path), "newer version");
    }

    [Fact]
    public void A_folder_is_refused() => AssertUnusable(_folder.Path, "is a folder");

    [Fact]
    public void A_missing_folder_is_refused_and_not_made()
    {
        var refused = Assert.Throws<BillStoreException>(() => SqliteBillStore.Open(_folder.File("missing/bills.db"), Clock));
        Assert.Contains($"{_folder.File("missing")} of the store does not exist", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsUnusable);
        Assert.False(Directory.Exists(_folder.File("missing")));
    }

    [Fact]
    public void A_missing_store_is_refused_by_a_reader_and_not_made()
    {
        var refused = Assert.Throws<BillStoreException>(() => SqliteBillStore.OpenToRead(Path, Clock));
        Assert.Contains("There is no store", refused.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(Path));
    }

    [Fact]
    public void An_empty_file_is_refused_by_a_reader_and_left_as_it_was()
    {
        _folder.Write("bills.db", "");
        Assert.True(Assert.Throws<BillStoreException>(() => SqliteBillStore.OpenToRead(Path, Clock)).IsUnusable);
        Assert.Equal(0, new FileInfo(Path).Length);
    }

    [Fact]
    public void An_empty_file_becomes_a_store_when_written_to()
    {
        _folder.Write("bills.db", "");
        SqliteBillStore.Open(Path, Clock).Dispose();
        SqliteBillStore.OpenToRead(Path, Clock).Dispose();
    }

    [Fact]
    public void The_file_name_may_have_any_letters()
    {
        var path = _folder.File("a;b=c 'd\" %41?ü#.db");
        using (var store = SqliteBillStore.Open(path, Clock))
        {
            store.BeginWriting();
        }
        Assert.True(System.IO.File.Exists(path));
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        SqliteBillStore.Open(Path, Clock).Dispose();
        using var reader = SqliteBillStore.OpenToRead(Path, Clock);
        Assert.Throws<InvalidOperationException>(reader.BeginWriting);
        Assert.Throws<InvalidOperationException>(() => reader.Commit(new CommitBatch()));
    }

    private void AssertRefused(byte[] bytes, string because)
    {
        _folder.Write("bills.db", bytes);
        AssertUnusable(Path, because);
        Assert.Equal(bytes, System.IO.File.ReadAllBytes(Path));
        Assert.Equal([Path], Directory.GetFiles(_folder.Path));
    }

    private void AssertUnusable(string path, string because)
    {
        foreach (var open in new Func<string, TimeProvider, SqliteBillStore>[] { SqliteBillStore.Open, SqliteBillStore.OpenToRead })
        {
            var refused = Assert.Throws<BillStoreException>(() => open(path, Clock).Dispose());
            Assert.True(refused.IsUnusable);
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        }
    }

    private byte[] Database(string sql)
    {
        Execute(sql);
        return System.IO.File.ReadAllBytes(Path);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
