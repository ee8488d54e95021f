using System.Diagnostics;
using System.Runtime.InteropServices;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Launcher;

/// <summary>./evbilling as users start it. Each build takes from 10 s to 40 s.</summary>
public sealed class Launcher_tests
{
    private const string IsBuilding = "Building EvBilling";

    [Fact]
    public async Task The_real_program_is_built_by_the_first_start_alone()
    {
        using var checkout = Checkout.OfTheRealProgram();

        using var first = checkout.Start("--help");
        var (exitCode, output, errors) = await first.End();
        Assert.True(exitCode == 0, errors);
        Assert.Contains(IsBuilding, errors);
        Assert.Matches(@"Built in \d+ s\.", errors);
        Assert.NotEmpty(output);
        Assert.DoesNotContain(IsBuilding, output);

        using var second = checkout.Start("--help");
        Assert.Equal((0, output, ""), await second.End());
    }

    [Fact]
    public async Task Three_first_starts_at_once_build_once_and_input_output_and_exit_code_are_the_programs()
    {
        using var checkout = Checkout.OfAStandIn();

        LauncherRun[] runs = [.. Enumerable.Range(1, 3).Select(number => checkout.Start("a b", $"{number}", "").Type($"typed {number}"))];
        var ends = await Task.WhenAll(runs.Select(run => run.End()));

        Assert.Equal(["a b|1|\ntyped 1", "a b|2|\ntyped 2", "a b|3|\ntyped 3"], ends.Select(end => end.Output));
        Assert.All(ends, end => Assert.True(end.ExitCode == 7, end.Errors));
        Assert.All(ends, end => Assert.EndsWith("to stderr", end.Errors));
        Assert.Single(ends, end => end.Errors.Contains(IsBuilding, StringComparison.Ordinal));
        Assert.Single(checkout.Builds());

        // A signal reaches the program itself, which ends as it likes.
        using var waiting = checkout.Start("wait");
        await waiting.FirstOutput();
        waiting.Signal("TERM");
        Assert.Equal((5, "waiting\n", ""), await waiting.End());

        // Through a symbolic link, too.
        var link = Path.Combine(checkout.Folder, "link");
        File.CreateSymbolicLink(link, "evbilling");
        using var linked = new LauncherRun(link, ["x"], _ => { });
        Assert.Equal((7, "x\n", "to stderr"), await linked.End());
    }

    [Fact]
    public async Task Without_dotnet_on_the_path_it_says_in_one_sentence_how_to_get_it()
    {
        using var checkout = Checkout.OfAStandIn();
        var path = PathOf(checkout, "env", "bash", "dirname", "readlink");

        using var run = checkout.Start(start => start.Environment["PATH"] = path);
        var (exitCode, output, errors) = await run.End();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches(@"^EvBilling needs the \.NET SDK [^\n]*https://[^\n]*\.\n$", errors);
    }

    [Fact]
    public async Task A_build_as_machine_code_is_one_of_its_own_and_runs_without_dotnet()
    {
        using var checkout = Checkout.OfAStandIn();
        using var first = checkout.Start(AsMachineCode, "a b", "");
        var (exitCode, output, errors) = await first.End();
        Assert.Equal((7, "a b|\n"), (exitCode, output));
        Assert.Contains("as machine code, about two minutes", errors);
        Assert.Single(checkout.Builds("native"));
        Assert.Empty(checkout.Builds());
        using var second = checkout.Start(AsMachineCode, "again");
        Assert.Equal((7, "again\n", "to stderr"), await second.End());
    }

    [Fact]
    public async Task Without_clang_a_build_as_machine_code_says_what_to_install_and_builds_nothing()
    {
        using var checkout = Checkout.OfAStandIn();
        var path = PathOf(checkout, "env", "bash", "dirname", "readlink", "dotnet", "find", "sort", "sha256sum", "cut", "mkdir");
        using var run = checkout.Start(start =>
        {
            AsMachineCode(start);
            start.Environment["PATH"] = path;
        });
        var (exitCode, output, errors) = await run.End();
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches(@"^EVBILLING_NATIVE=1 needs clang[^\n]*install it[^\n]*\.\n$", errors);
        Assert.Empty(checkout.Builds("native"));
    }

    [Fact]
    public async Task The_real_program_as_machine_code_shows_the_same_and_passes_the_programs_own_tests()
    {
        SkipUnlessLong();
        using var checkout = Checkout.OfTheRealProgram();
        using var first = checkout.Start(AsMachineCode, "--help");
        var (exitCode, output, errors) = await first.End();
        Assert.True(exitCode == 0, errors);
        Assert.Equal(CliProcess.Run("--help").Output, output);
        // In a folder whose name has no space, which those tests' lines of bash would split.
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Assert.Single(checkout.Builds("native"))))
        {
            Assert.NotEqual(".dbg", Path.GetExtension(file));
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }
        var program = folder.File("EvBilling.Cli");

        var start = new ProcessStartInfo("dotnet", [typeof(Launcher_tests).Assembly.Location, "--no-ansi", "--filter-namespace", typeof(CliProcess).Namespace!]) { RedirectStandardOutput = true };
        start.Environment["EVBILLING_TEST_PROGRAM"] = program;
        start.Environment["EVBILLING_LONG"] = "0";
        using var tests = Process.Start(start)!;
        var told = await tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tests.ExitCode == 0, told);
        Assert.Matches(@"succeeded: 1[0-9][0-9]", told);
    }

    [Fact]
    public async Task Another_source_builds_again_and_a_kill_in_the_middle_of_that_does_no_harm()
    {
        SkipUnlessLong();
        using var checkout = Checkout.OfAStandIn();
        using var first = checkout.Start();
        Assert.Equal(7, (await first.End()).ExitCode);

        File.SetLastWriteTimeUtc(checkout.Program, DateTime.UtcNow);
        using var killed = checkout.Start();
        var making = Path.Combine(checkout.Folder, ".build", "making");
        var patience = Stopwatch.StartNew();
        while (!Directory.Exists(making) || Directory.GetFiles(making, "project.assets.json", SearchOption.AllDirectories).Length == 0)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(1), "The touched source did not start a build.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        killed.KillGroup();
        Assert.Equal(128 + 9, (await killed.End()).ExitCode);
        Assert.Single(checkout.Builds());

        using var next = checkout.Start("after");
        var (exitCode, output, errors) = await next.End();
        Assert.Equal((7, "after\n"), (exitCode, output));
        Assert.Contains(IsBuilding, errors);
        Assert.Equal(2, checkout.Builds().Length);
        Assert.False(Directory.Exists(making));
    }

    [Fact]
    public async Task A_source_that_does_not_compile_ends_with_the_compilers_errors_and_1()
    {
        SkipUnlessLong();
        using var checkout = Checkout.OfAStandIn();
        File.AppendAllText(checkout.Program, "\nint number = \"text\";");

        using var run = checkout.Start();
        var (exitCode, output, errors) = await run.End();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("error CS0029", errors);
        Assert.Empty(checkout.Builds());
    }

    [Fact]
    public async Task Old_builds_go_except_the_last_two_and_those_that_a_program_runs_from()
    {
        SkipUnlessLong();
        using var checkout = Checkout.OfAStandIn();
        using var running = checkout.Start("wait");
        await running.FirstOutput();
        var oldest = Assert.Single(checkout.Builds());

        for (var change = 1; change <= 3; change++)
        {
            File.AppendAllText(checkout.Program, $"\n// {change}");
            using var run = checkout.Start();
            Assert.Equal(7, (await run.End()).ExitCode);
        }
        Assert.Equal(4, checkout.Builds().Length);
        Assert.Contains(oldest, checkout.Builds());

        running.Signal("TERM");
        Assert.Equal(5, (await running.End()).ExitCode);
    }

    // The stand-in is no machine code, and looks for its runtime.
    private static void AsMachineCode(ProcessStartInfo start)
    {
        start.Environment["EVBILLING_NATIVE"] = "1";
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
    }

    // A PATH with these commands alone.
    private static string PathOf(Checkout checkout, params string[] commands)
    {
        var path = Directory.CreateDirectory(Path.Combine(checkout.Folder, "few commands")).FullName;
        foreach (var command in commands)
        {
            var place = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, command)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(path, command), place);
        }
        return path;
    }

    private static void SkipUnlessLong() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1", "Builds several times: ./test --long");
}
