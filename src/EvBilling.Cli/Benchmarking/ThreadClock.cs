using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace EvBilling.Cli.Benchmarking;

/// <summary>Processor time of this thread alone, which other work on the machine does not add to.</summary>
internal static class ThreadClock
{
    private const int ThreadCpuTime = 3;
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>As the benchmark prints it.</summary>
    public const string Name = "thread cpu";

    public static long Ns() => GetTime(ThreadCpuTime, out var time) == 0
        ? (time.Seconds * NsPerSecond) + time.Nanoseconds
        : throw new UnreachableException("Linux has a clock for each thread.");

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressMessage("Interoperability", "SYSLIB1054:Use LibraryImportAttribute", Justification = "That needs unsafe code, and nothing here is in a hurry.")]
    private static extern int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
