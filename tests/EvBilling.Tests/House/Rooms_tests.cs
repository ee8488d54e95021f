using System.Xml.Linq;

namespace EvBilling.Tests.House;

/// <summary>The projects under src are rooms on floors; what a room may use lies below it.</summary>
public sealed class Rooms_tests
{
    /// <summary>From top to bottom. Rooms of one floor do not know each other.</summary>
    private static readonly string[][] Floors =
    [
        ["EvBilling.Cli"],
        ["EvBilling.Web", "EvBilling.Functions"],
        ["EvBilling.Spark"],
        ["EvBilling.Simulator", "EvBilling.Ocpp"],
        ["EvBilling.Kafka", "EvBilling.Storage"],
        ["EvBilling.Engine", "EvBilling.Entra"],
        ["EvBilling"],
    ];

    private static readonly string Source = Path.Combine(RepositoryRoot.Find(), "src");

    [Fact]
    public void Every_room_stands_on_a_floor()
    {
        var homeless = Rooms().Select(NameOf).Except(Floors.SelectMany(floor => floor));

        Assert.True(!homeless.Any(), $"Give {string.Join(", ", homeless)} a floor in {nameof(Rooms_tests)}, as the design's picture has it.");
    }

    [Fact]
    public void References_between_rooms_point_only_downwards()
    {
        var upwards =
            from room in Rooms()
            from reference in XDocument.Load(room).Descendants("ProjectReference")
            let used = NameOf(((string)reference.Attribute("Include")!).Replace('\\', '/'))
            where FloorOf(used) <= FloorOf(NameOf(room))
            select $"{NameOf(room)} may not use {used}: it is not on a lower floor.";

        Assert.Empty(upwards);
    }

    [Fact]
    public void A_room_is_built_only_from_what_lies_under_src_where_the_launcher_looks_for_changes()
    {
        var outside =
            from room in Rooms()
            from element in XDocument.Load(room).Descendants()
            from attribute in element.Attributes().Where(attribute => attribute.Name == "Include" || attribute.Name == "Project")
            let path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(room)!, attribute.Value.Replace('\\', '/')))
            where attribute.Value.Contains("..") && !path.StartsWith(Source + "/", StringComparison.Ordinal)
            select $"{NameOf(room)}: {attribute}";

        Assert.Empty(outside);
    }

    private static IEnumerable<string> Rooms() =>
        Directory.EnumerateDirectories(Source).SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"));

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project);

    private static int FloorOf(string room) => Array.FindIndex(Floors, floor => floor.Contains(room));
}
