using System.Net;
using System.Text.Json;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Functions;

/// <summary>The function as the host calls it, on a real API server with a token that may get and patch one set's scale and nothing else.</summary>
[Collection(nameof(KubeCluster))]
public sealed class ScaleCallTests(KubeCluster cluster)
{
    private readonly string _space = cluster.NewFleet();

    [Fact]
    public async Task From_1_to_5_to_0_to_5_and_each_decision_is_in_the_log()
    {
        using var function = FunctionProcess.Start(cluster, _space);
        foreach (var (from, to) in new[] { (1, 5), (5, 0), (0, 5), (5, 5) })
        {
            var answer = await function.Scale(to);
            Assert.Equal(
                $$"""{"set":"evbilling-simulator","from":{{from}},"to":{{to}},"changed":{{(from != to ? "true" : "false")}},"dry_run":false}""",
                answer.Text);
            Assert.Equal(to, cluster.Replicas(_space));
        }
        var state = (await function.Get()).Json;
        Assert.Equal((5, 0, 16), (state.GetProperty("desired").GetInt32(), state.GetProperty("min").GetInt32(), state.GetProperty("max").GetInt32()));
        Assert.Equal(0, function.Stop());
        var decisions = function.Events(10).Select(line => line.GetProperty("State")).Select(line => (Text(line, "Who"), line.GetProperty("From").GetInt32(), line.GetProperty("To").GetInt32(), Text(line, "Outcome")));
        Assert.Equal([("key", 1, 5, "changed"), ("key", 5, 0, "changed"), ("key", 0, 5, "changed"), ("key", 5, 5, "unchanged")], decisions);
        Assert.DoesNotContain(FunctionProcess.Key, function.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_number_is_not_written()
    {
        using var function = FunctionProcess.Start(cluster, _space);
        var before = cluster.Kubectl("", "-n", _space, "get", "statefulset", "evbilling-simulator", "-o", "jsonpath={.metadata.generation}");
        Assert.Equal(HttpStatusCode.OK, (await function.Scale(1)).Status);
        Assert.Equal(before, cluster.Kubectl("", "-n", _space, "get", "statefulset", "evbilling-simulator", "-o", "jsonpath={.metadata.generation}"));
    }

    [Theory]
    [InlineData("""{"replicas":5,"dry_run":true}""", "")]
    [InlineData("""{"replicas":5}""", "?dry_run=true")]
    [InlineData("""{"replicas":5,"dry_run":false}""", "?code=a-key-of-the-host&dry_run=true")]
    public async Task A_dry_run_says_what_would_be_and_changes_nothing(string body, string query)
    {
        using var function = FunctionProcess.Start(cluster, _space);
        Assert.Equal("""{"set":"evbilling-simulator","from":1,"to":5,"changed":false,"dry_run":true}""", (await function.Post(body, query)).Text);
        Assert.Equal(1, cluster.Replicas(_space));
    }

    [Fact]
    public async Task What_is_wrong_about_a_call_is_named_and_changes_nothing()
    {
        using var function = FunctionProcess.Start(cluster, _space);
        var before = cluster.Kubectl("", "-n", _space, "get", "statefulset", "evbilling-simulator", "-o", "jsonpath={.metadata.resourceVersion}");
        (string Body, string Query, string Type, int Status, string Error)[] rows =
        [
            ("", "", "application/json", 400, "EmptyBody"),
            ("many", "", "application/json", 400, "NotJson"),
            ("""{"replicas":1,"replicas":5}""", "", "application/json", 400, "NotJson"),
            ("5", "", "application/json", 400, "NotAnObject"),
            ("{}", "", "application/json", 400, "MissingReplicas"),
            ("""{"replicas":"many"}""", "", "application/json", 400, "NotAnInteger"),
            ("""{"replicas":2.0}""", "", "application/json", 400, "NotAnInteger"),
            ("""{"replicas":1e9}""", "", "application/json", 400, "NotAnInteger"),
            ("""{"replicas":null}""", "", "application/json", 400, "NotAnInteger"),
            ("""{"replicas":99999999999999999999}""", "", "application/json", 400, "NotAnInteger"),
            ("""{"replicas":-1}""", "", "application/json", 400, "OutOfBounds"),
            ("""{"replicas":17}""", "", "application/json", 400, "OutOfBounds"),
            ("""{"replicas":1000000000}""", "", "application/json", 400, "OutOfBounds"),
            ("""{"replicas":5,"dryrun":true}""", "", "application/json", 400, "UnknownMember"),
            ("""{"replicas":5,"dry_run":"true"}""", "", "application/json", 400, "WrongDryRun"),
            ("""{"replicas":5}""", "?dryrun=true", "application/json", 400, "UnknownParameter"),
            ("""{"replicas":5}""", "?dry_run=yes", "application/json", 400, "WrongDryRun"),
            ("""{"replicas":5,"set":"another"}""", "", "application/json", 404, "WrongSet"),
            ("""{"replicas":5}""", "", "text/plain", 415, "WrongContentType"),
            ($$"""{"replicas":5,"x":"{{new string('x', 1_000_000)}}"}""", "", "application/json", 413, "TooLarge"),
        ];
        foreach (var row in rows)
        {
            var answer = await function.Post(row.Body, row.Query, row.Type);
            Assert.Equal((row.Status, row.Error), ((int)answer.Status, answer.Error));
        }
        Assert.Equal("WrongMethod", (await function.Send(HttpMethod.Delete, "/api/scale", [("x-evbilling-key", FunctionProcess.Key)], null)).Error);
        Assert.Equal("UnknownRoute", (await function.Send(HttpMethod.Get, "/admin", [("x-evbilling-key", FunctionProcess.Key)], null)).Error);
        Assert.Equal(before, cluster.Kubectl("", "-n", _space, "get", "statefulset", "evbilling-simulator", "-o", "jsonpath={.metadata.resourceVersion}"));
    }

    [Fact]
    public async Task A_set_that_is_not_there_is_named_as_unknown()
    {
        cluster.Kubectl("", "-n", _space, "delete", "statefulset", "evbilling-simulator");
        using var function = FunctionProcess.Start(cluster, _space);
        var answer = await function.Scale(5);
        Assert.Equal((404, "UnknownSet"), ((int)answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_set_that_the_token_has_no_right_to_is_refused_without_saying_whose_token_it_is()
    {
        using var function = FunctionProcess.Start(cluster, _space, ("SET", "another"));
        var answer = await function.Scale(5);
        Assert.Equal((502, "MayNotScale"), ((int)answer.Status, answer.Error));
        Assert.DoesNotContain("evbilling-scaler", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_good_no_more_is_named_and_a_new_one_in_the_file_is_taken()
    {
        using var function = FunctionProcess.Start(cluster, _space);
        var good = await File.ReadAllTextAsync(function.TokenFile, TestContext.Current.CancellationToken);
        // The API gives no token for less than 10 minutes; one whose account is gone is refused in the same way as one that has expired.
        cluster.Kubectl("", "-n", _space, "create", "serviceaccount", "gone");
        var gone = cluster.Kubectl("", "-n", _space, "create", "token", "gone").Trim();
        cluster.Kubectl("", "-n", _space, "delete", "serviceaccount", "gone");
        foreach (var bad in new[] { gone, good[..^4] + "AAAA" })
        {
            await File.WriteAllTextAsync(function.TokenFile, bad, TestContext.Current.CancellationToken);
            var answer = await function.Scale(3);
            Assert.Equal((502, "TokenRefused"), ((int)answer.Status, answer.Error));
            Assert.DoesNotContain(bad, answer.Text + function.Log, StringComparison.Ordinal);
        }
        File.Delete(function.TokenFile);
        Assert.Equal((503, "NoIdentity"), await StatusAndError(function));
        await File.WriteAllTextAsync(function.TokenFile, "two\nlines", TestContext.Current.CancellationToken);
        Assert.Equal((503, "NoIdentity"), await StatusAndError(function));
        Assert.Equal(1, cluster.Replicas(_space));
        await File.WriteAllTextAsync(function.TokenFile, good, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await function.Scale(3)).To);
    }

    [Fact]
    public async Task An_API_server_that_is_away_or_silent_is_named_and_when_it_is_back_the_next_call_scales()
    {
        using var relay = new Relay(cluster.Port);
        using var function = FunctionProcess.Start(cluster, _space, ("SERVER", $"https://127.0.0.1:{relay.Port}"));
        Assert.Equal(2, (await function.Scale(2)).To);
        relay.GoAway();
        var away = await function.Scale(5);
        Assert.Equal((503, "ServerUnreachable"), ((int)away.Status, away.Error));
        relay.ComeBack();
        Assert.Equal(3, (await function.Scale(3)).To);
        relay.FallSilent();
        var silent = await function.Scale(5);
        Assert.Equal((504, "ServerTimeout"), ((int)silent.Status, silent.Error));
        relay.GoAway();
        relay.ComeBack();
        Assert.Equal(3, cluster.Replicas(_space));
        Assert.Equal(5, (await function.Scale(5)).To);
        Assert.DoesNotContain($"{relay.Port}", away.Text + silent.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_authority_s_certificate_is_not_trusted()
    {
        using var certificates = new Servers.TestCertificates();
        using var function = FunctionProcess.Start(cluster, _space, ("CA_FILE", certificates.AuthorityFile));
        var answer = await function.Scale(5);
        Assert.Equal((502, "ServerNotTrusted"), ((int)answer.Status, answer.Error));
    }

    [Fact]
    public async Task While_another_client_patches_all_the_time_a_call_scales_or_says_that_it_did_not()
    {
        using var function = FunctionProcess.Start(cluster, _space);
        using var over = new CancellationTokenSource();
        var storm = Task.Run(
            () =>
            {
                for (var count = 0; !over.IsCancellationRequested; count++)
                {
                    cluster.Kubectl("", "-n", _space, "annotate", "--overwrite", "statefulset", "evbilling-simulator", $"storm={count}");
                }
            },
            TestContext.Current.CancellationToken);
        var from = 1;
        for (var call = 0; call < 30; call++)
        {
            var to = 2 + (call % 5);
            var answer = await function.Scale(to);
            if (answer.Status == HttpStatusCode.OK)
            {
                // What this very call replaced: nobody else changes the number.
                Assert.Equal((from, to), (answer.Json.GetProperty("from").GetInt32(), answer.To));
                from = to;
            }
            else
            {
                Assert.Equal((409, "Conflict"), ((int)answer.Status, answer.Error));
            }
            Assert.Equal(from, cluster.Replicas(_space));
        }
        await over.CancelAsync();
        await storm;
        Assert.NotEqual(1, from);
    }

    [Fact]
    public async Task A_tick_of_the_timer_sets_what_the_schedule_says_and_a_number_set_by_hand_holds_until_the_next_change()
    {
        using var function = FunctionProcess.Start(cluster, _space, ("SCHEDULE", "daily 00:00-24:00 Europe/Berlin 4; else 0"));
        var first = await function.Tick(Payload("0001-01-01T00:00:00"));
        Assert.Equal((200, """{"Outputs":{},"Logs":[],"ReturnValue":null}"""), ((int)first.Status, first.Text));
        Assert.Equal(4, cluster.Replicas(_space));
        await function.Scale(2);
        await function.Tick(Payload($"{DateTime.UtcNow.AddMinutes(-1):O}"));
        Assert.Equal(2, cluster.Replicas(_space));
        // As without the host's monitor.
        await function.Tick("""{"Data":{"timer":{"ScheduleStatus":null,"IsPastDue":true}},"Metadata":{}}""");
        Assert.Equal(4, cluster.Replicas(_space));
    }

    [Fact]
    public async Task A_tick_that_fails_is_an_error_for_the_host_and_made_up_for_by_the_next()
    {
        using var relay = new Relay(cluster.Port);
        using var function = FunctionProcess.Start(cluster, _space, ("SERVER", $"https://127.0.0.1:{relay.Port}"), ("SCHEDULE", "else 6"));
        relay.GoAway();
        var failed = await function.Tick(Payload("0001-01-01T00:00:00"));
        Assert.Equal((503, "ServerUnreachable"), ((int)failed.Status, failed.Error));
        relay.ComeBack();
        await function.Tick(Payload($"{DateTime.UtcNow:O}"));
        Assert.Equal(6, cluster.Replicas(_space));
    }

    [Fact]
    public async Task While_the_workers_are_behind_the_timer_holds_the_fleet_and_releases_it_when_they_have_caught_up()
    {
        using var worker = new System.Net.HttpListener();
        var address = $"http://127.0.0.1:{Servers.FreePorts.Next()}/";
        worker.Prefixes.Add(address);
        worker.Start();
        var lag = 0L;
        _ = Task.Run(
            async () =>
            {
                while (worker.IsListening)
                {
                    var context = await worker.GetContextAsync();
                    var text = $"# TYPE evbilling_partition_lag_records gauge\nevbilling_partition_lag_records{{partition=\"0\"}} {Volatile.Read(ref lag)}\n";
                    context.Response.StatusCode = Volatile.Read(ref lag) < 0 ? 500 : 200;
                    await context.Response.OutputStream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text));
                    context.Response.Close();
                }
            },
            TestContext.Current.CancellationToken);
        using var function = FunctionProcess.Start(cluster, _space, ("SCHEDULE", "else 12"), ("LAG", "1000:6; 5000:2"), ("LAG_METRICS", address + "metrics"));
        foreach (var (waiting, replicas) in new[] { (0L, 12), (1000L, 6), (9000L, 2), (3000L, 2), (2000L, 6), (-1L, 6), (499L, 12) })
        {
            Volatile.Write(ref lag, waiting);
            var last = waiting == 0 ? "0001-01-01T00:00:00" : $"{DateTime.UtcNow.AddMinutes(-1):O}";
            var answer = await function.Tick(Payload(last));
            Assert.Equal((200, replicas), ((int)answer.Status, cluster.Replicas(_space)));
        }
        Assert.Single(function.Events(20));
    }

    [Theory]
    [InlineData("""{"Data":{"timer":{"ScheduleStatus":{"Last":"yesterday"}}},"Metadata":{}}""", "MalformedDate")]
    [InlineData("""{"Data":{"timer":{"ScheduleStatus":{"Last":"2026-02-30T00:00:00Z"}}},"Metadata":{}}""", "MalformedDate")]
    [InlineData("""{"Data":{"timer":{"ScheduleStatus":{"Last":"2026-02-03T00:00:00Z","Next":5}}},"Metadata":{}}""", "MalformedDate")]
    [InlineData("""{"Data":{"timer":{"IsPastDue":"no"}},"Metadata":{}}""", "NotATimer")]
    [InlineData("""{"Data":{"queue":{}},"Metadata":{}}""", "NotATimer")]
    [InlineData("[]", "NotATimer")]
    [InlineData("{", "NotATimer")]
    public async Task A_payload_that_is_no_timer_s_changes_nothing(string payload, string error)
    {
        using var function = FunctionProcess.Start(cluster, _space, ("SCHEDULE", "else 6"));
        var answer = await function.Tick(payload);
        Assert.Equal((400, error), ((int)answer.Status, answer.Error));
        Assert.Equal(1, cluster.Replicas(_space));
    }

    private static string Payload(string last) => JsonSerializer.Serialize(new
    {
        Data = new { timer = new { Schedule = new { AdjustForDST = true }, ScheduleStatus = new { Last = last, LastUpdated = last, Next = "2026-11-24T04:00:00+00:00" }, IsPastDue = false } },
        Metadata = new { sys = new { MethodName = "scale-timer" } },
    });

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    private static async Task<(int Status, string Error)> StatusAndError(FunctionProcess function)
    {
        var answer = await function.Scale(4);
        return ((int)answer.Status, answer.Error);
    }
}
