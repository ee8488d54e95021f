using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure;

/// <summary>One process of the Bicep CLI, called by JSON-RPC: to start it and load Azure's types takes longer than what it is asked.</summary>
internal sealed class BicepProcess : IDisposable
{
    private static readonly string Program = typeof(BicepProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(pair => pair.Key == "Bicep").Value!;

    private readonly Process _process;
    private int _calls;

    /// <param name="environment">What the parameter files read; of what is set outside they see nothing.</param>
    public BicepProcess(IReadOnlyDictionary<string, string> environment)
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The Bicep compiler that is restored here is one for x64.");
        Assert.True(File.Exists(Program), $"{Program} is not there: restore the solution again.");
        var start = new ProcessStartInfo(Program, ["jsonrpc", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("EVBILLING_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
    }

    /// <returns>The call's result.</returns>
    public JsonNode Call(string method, JsonObject parameters)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ++_calls, ["method"] = method, ["params"] = parameters }.ToJsonString());
        var input = _process.StandardInput.BaseStream;
        input.Write(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"));
        input.Write(body);
        input.Flush();
        var answer = JsonNode.Parse(ReadMessage())!;
        return answer["result"] ?? throw new InvalidOperationException($"bicep {method}: {answer["error"]?.ToJsonString()}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private byte[] ReadMessage()
    {
        var length = 0;
        for (var line = ReadLine(); line.Length > 0; line = ReadLine())
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(line["Content-Length:".Length..]);
            }
        }
        var message = new byte[length];
        _process.StandardOutput.BaseStream.ReadExactly(message);
        return message;
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (var next = _process.StandardOutput.BaseStream.ReadByte(); next != '\n'; next = _process.StandardOutput.BaseStream.ReadByte())
        {
            line.Append(next >= 0 ? (char)next : throw new EndOfStreamException("bicep jsonrpc has ended."));
        }
        return line.ToString().TrimEnd('\r');
    }
}
