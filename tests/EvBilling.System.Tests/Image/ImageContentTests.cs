using System.Buffers.Binary;
using System.Text;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Image;

/// <summary>What is in the image, as it was pushed.</summary>
[Collection(nameof(Processes))]
public sealed class ImageContentTests
{
    private const int BytesMax = 150_000_000;
    private const ushort X64 = 0x3E;
    private const ushort Arm64 = 0xB7;
    private const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly BuiltImages _images;

    public ImageContentTests(BuiltImages images)
    {
        ContainerTools.SkipOrFail();
        _images = images;
    }

    [Fact]
    public void The_SDK_and_the_Containerfile_make_the_same_image()
    {
        var (one, other) = (_images.BySdkPushed, _images.ByContainerfilePushed);

        foreach (var member in new[] { "Entrypoint", "User", "ExposedPorts" })
        {
            Assert.Equal(one.Configuration.GetProperty(member).GetRawText(), other.Configuration.GetProperty(member).GetRawText());
        }
        Assert.False(other.Configuration.TryGetProperty("Cmd", out _));
        Assert.Equal(one.Configuration.GetProperty("WorkingDir").GetString()!.TrimEnd('/'), other.Configuration.GetProperty("WorkingDir").GetString()!.TrimEnd('/'));
        Assert.Equal(one.Environment, other.Environment);
        Assert.Equal(one.Labels, other.Labels);
        Assert.Equal(one.Root.GetProperty("architecture").GetString(), other.Root.GetProperty("architecture").GetString());
        Assert.Equal(Described(one), Described(other));
    }

    [Fact]
    public void It_runs_as_nobody_who_could_change_it_and_says_what_it_is()
    {
        var image = _images.BySdkPushed;

        Assert.Equal("1654:1654", image.Configuration.GetProperty("User").GetString());
        Assert.Equal(["dotnet", "/app/EvBilling.Cli.dll"], image.Configuration.GetProperty("Entrypoint").EnumerateArray().Select(word => word.GetString()!));
        Assert.All(image.Files, file => Assert.Equal((0, ReadByAll, UnixFileMode.None), (file.Owner, file.Mode & ReadByAll, file.Mode & WrittenByOthers)));
        Assert.All(image.OwnersOfFolders, owner => Assert.Equal(0, owner));
        Assert.All(image.Files, file => Assert.StartsWith("/app/", file.Name, StringComparison.Ordinal));
        Assert.Subset(image.Labels.Keys.ToHashSet(), new HashSet<string>(["title", "description", "version", "licenses"]).Select(name => "org.opencontainers.image." + name).ToHashSet());
    }

    [Fact]
    public void For_x64_it_is_small_and_holds_that_platforms_program_alone() => AssertHoldsThe(_images.BySdkPushed, "amd64", "centos8-librdkafka.so", X64, machineOfCode: 0xFD1D);

    [Fact]
    public void For_arm64_it_is_small_and_holds_that_platforms_program_alone() => AssertHoldsThe(_images.ForArm64Pushed, "arm64", "librdkafka.so", Arm64, machineOfCode: 0xD11D);

    /// <param name="machineOfCode">In the head of an assembly with ready-to-run code: the processor's number in PE, exclusive-or Linux's 0x7B79.</param>
    private static void AssertHoldsThe(PushedImage image, string architecture, string librdkafka, ushort machine, ushort machineOfCode)
    {
        Assert.Equal((architecture, "linux"), (image.Root.GetProperty("architecture").GetString(), image.Root.GetProperty("os").GetString()));
        Assert.InRange(image.Files.Sum(file => (long)file.Content.Length), 1_000_000, BytesMax);

        var native = image.Files.Where(file => file.Content.AsSpan().StartsWith("\u007fELF"u8)).ToList();
        Assert.Equal(new[] { "/app/EvBilling.Cli", "/app/" + librdkafka, "/app/libe_sqlite3.so" }.Order(StringComparer.Ordinal), native.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(native, file => Assert.Equal(machine, BinaryPrimitives.ReadUInt16LittleEndian(file.Content.AsSpan(18))));
        // It would not load where there is no such library, as in the base.
        Assert.Equal(-1, image.File("/app/" + librdkafka).Content.AsSpan().IndexOf(Encoding.ASCII.GetBytes("libsasl2.so")));

        var own = image.Files.Where(file => file.Name.StartsWith("/app/EvBilling", StringComparison.Ordinal) && file.Name.EndsWith(".dll", StringComparison.Ordinal)).ToList();
        Assert.InRange(own.Count, 6, 20);
        Assert.All(own, file => Assert.Equal(machineOfCode, BinaryPrimitives.ReadUInt16LittleEndian(file.Content.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(file.Content.AsSpan(0x3C)) + 4))));
    }

    // Symbols differ: they name the revision where Git is there to tell it.
    private static IEnumerable<string> Described(PushedImage image) => image.Files.OrderBy(file => file.Name, StringComparer.Ordinal)
        .Select(file => $"{file.Name} {file.Mode} {file.Owner} {(file.Name.EndsWith(".pdb", StringComparison.Ordinal) ? "symbols" : $"{file.Content.Length}")}");
}
