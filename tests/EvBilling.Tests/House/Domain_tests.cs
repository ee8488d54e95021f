using System.Reflection;

namespace EvBilling.Tests.House;

/// <summary>A bill is a pure function: looked for in the compiled domain, so that the rules hold whatever analyzers are on.</summary>
public sealed class Domain_tests
{
    private static readonly Assembly Domain = typeof(Energy).Assembly;

    /// <summary>Types, or members of types, that read what is not an argument, or that are not exact.</summary>
    private static readonly string[] Banned =
    [
        "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow",
        "System.TimeZoneInfo", "System.TimeProvider", "System.Diagnostics.Stopwatch",
        "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.Threading.Thread", "System.Threading.Tasks.Task::Delay",
        "NodaTime.IClock", "NodaTime.SystemClock", "NodaTime.ZonedClock", "NodaTime.DateTimeZoneProviders::get_Bcl",
        "NodaTime.IDateTimeZoneProvider::GetSystemDefault",
        "System.Console", "System.AppContext", "System.Diagnostics.Process", "System.Random", "System.Guid::NewGuid", "System.Guid::CreateVersion7",
        "System.Security.Cryptography.RandomNumberGenerator", "System.Globalization.CultureInfo::get_CurrentCulture",
        "System.Double", "System.Single", "System.Half",
    ];

    /// <summary>System.IO without files.</summary>
    private static readonly string[] Streams =
    [
        "System.IO.Stream", "System.IO.MemoryStream", "System.IO.TextReader", "System.IO.TextWriter", "System.IO.StringReader", "System.IO.StringWriter",
        "System.IO.InvalidDataException", "System.IO.EndOfStreamException", "System.IO.IOException",
    ];

    [Fact]
    public void The_domain_references_nothing_but_the_base_library_and_NodaTime()
    {
        using var domain = new Assembly_contents(Domain);
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        Assert.DoesNotContain(domain.AssembliesUsed(), name =>
            name != "NodaTime" && !(name.StartsWith("System.", StringComparison.Ordinal) && File.Exists(Path.Combine(framework, name + ".dll"))));
    }

    [Fact]
    public void The_domain_reads_no_clock_file_environment_or_console()
    {
        using var domain = new Assembly_contents(Domain);
        var used = domain.TypesUsed().Concat(domain.MembersUsed()).Distinct();

        Assert.DoesNotContain(used, IsBanned);
    }

    [Fact]
    public void The_domain_has_no_floating_point()
    {
        using var domain = new Assembly_contents(Domain);

        Assert.Empty(domain.PlacesOfFloatingPoint());
    }

    [Fact]
    public void The_domain_has_no_static_field_that_can_change()
    {
        using var domain = new Assembly_contents(Domain);

        Assert.Empty(domain.MutableStaticFields());
    }

    [Fact]
    public void These_searches_find_what_they_look_for()
    {
        using var tests = new Assembly_contents(typeof(Offender).Assembly);

        Assert.Contains("System.DateTime::get_UtcNow", tests.MembersUsed());
        Assert.Contains("System.IO.File", tests.TypesUsed());
        Assert.Contains("Offender._count", tests.MutableStaticFields());
        Assert.Contains("Offender.<Total>k__BackingField", tests.MutableStaticFields());
        Assert.DoesNotContain(tests.MutableStaticFields(), field => field.Contains("<>", StringComparison.Ordinal));
        Assert.Contains("method Offender.HalfOf", tests.PlacesOfFloatingPoint());
        Assert.Contains("method Offender.AfterASwitch", tests.PlacesOfFloatingPoint());
        Assert.Contains("method Offender.Widened", tests.PlacesOfFloatingPoint());
        Assert.DoesNotContain("method Offender.Exact", tests.PlacesOfFloatingPoint());
        Assert.DoesNotContain("method Offender.First", tests.PlacesOfFloatingPoint());
    }

    private static bool IsBanned(string used) =>
        Banned.Contains(used)
        || Banned.Any(banned => used.StartsWith(banned + "::", StringComparison.Ordinal))
        || (used.StartsWith("System.IO.", StringComparison.Ordinal) && used.Count(character => character == '.') == 2
            && !Streams.Contains(used.Split("::")[0]))
        || used.StartsWith("System.Net.", StringComparison.Ordinal)
        // Every iterator of the compiler's asks for the thread it runs on.
        || (used.StartsWith("System.Environment::", StringComparison.Ordinal) && used != "System.Environment::get_CurrentManagedThreadId");
}

/// <summary>What the domain must not do.</summary>
internal static class Offender
{
    private static int _count;

    public static int Total { get; set; }

    public static Func<DateTime> Clock { get; } = () => DateTime.UtcNow;

    public static int Count() => ++_count;

    public static bool HalfOf(double number) => number > 0;

    public static long Widened(long number) => (long)(number * 0.5);

    public static long AfterASwitch(long number)
    {
        switch (number)
        {
            case 1: return 5;
            case 2: return 7;
            case 3: return 4;
            case 4: return 9;
            case 5: return 1;
            default: return (long)(number * 0.5);
        }
    }

    public static decimal Exact(long number) => number * 0.5m;

    public static void First(string[] names, out string name) => name = names[0];
}
