using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EvBilling.Spark;

/// <summary>
/// What org.evbilling.spark.Kernel declares as native. Each is one line around a body that is not inlined: an export whose first call needs stack would end
/// the JVM without a word.
/// </summary>
internal static unsafe class JavaExports
{
    private const string Prefix = "Java_org_evbilling_spark_Kernel_";

    /// <summary>Called before all others, so that the runtime is up.</summary>
    [UnmanagedCallersOnly(EntryPoint = Prefix + "start")]
    public static int Start(nint environment, nint type) => RecordReader.KeptBytesMax;

    [UnmanagedCallersOnly(EntryPoint = Prefix + "figures")]
    public static nint Figures(nint environment, nint type) => FiguresBody(environment);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "begin")]
    public static nint Begin(nint environment, nint type, nint configuration, nint part) => BeginBody(environment, configuration, part);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "take")]
    public static nint Take(nint environment, nint type, nint configuration, nint part, long attempt, nint records, int length) =>
        TakeBody(environment, configuration, part, attempt, records, length);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "commit")]
    public static nint Commit(nint environment, nint type, nint configuration, nint part, long attempt) => CommitBody(environment, configuration, part, attempt);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "review")]
    public static nint Review(nint environment, nint type, nint configuration, int kind) => ReviewBody(environment, configuration, kind);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "source")]
    public static nint Source(nint environment, nint type, nint parts) => SourceBody(environment, parts);

    [UnmanagedCallersOnly(EntryPoint = Prefix + "token")]
    public static nint Token(nint environment, nint type, nint scope) => TokenBody(environment, scope);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint FiguresBody(nint environment) => new JavaEnvironment(environment).Bytes(JavaCalls.Figures());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint BeginBody(nint environment, nint configuration, nint part)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Begin(java.Bytes(configuration), java.Bytes(part)));
    }

    // The records lie in a direct buffer, which stays where it is.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint TakeBody(nint environment, nint configuration, nint part, long attempt, nint records, int length)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Take(java.Bytes(configuration), java.Bytes(part), attempt, java.Direct(records, length)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint CommitBody(nint environment, nint configuration, nint part, long attempt)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Commit(java.Bytes(configuration), java.Bytes(part), attempt));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint ReviewBody(nint environment, nint configuration, int kind)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Review(java.Bytes(configuration), kind));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint SourceBody(nint environment, nint parts)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Source(java.Bytes(parts)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint TokenBody(nint environment, nint scope)
    {
        var java = new JavaEnvironment(environment);
        return java.Bytes(JavaCalls.Token(java.Bytes(scope)));
    }
}

/// <summary>The few functions of the JNI (Java Native Interface 6.0, 4: by their places in the function table) that are needed.</summary>
internal readonly unsafe struct JavaEnvironment(nint environment)
{
    private const int GetArrayLength = 171;
    private const int NewByteArray = 176;
    private const int GetByteArrayRegion = 200;
    private const int SetByteArrayRegion = 208;
    private const int GetDirectBufferAddress = 230;

    public byte[] Bytes(nint array)
    {
        var bytes = new byte[((delegate* unmanaged<nint, nint, int>)Function(GetArrayLength))(environment, array)];
        fixed (byte* to = bytes)
        {
            ((delegate* unmanaged<nint, nint, int, int, byte*, void>)Function(GetByteArrayRegion))(environment, array, 0, bytes.Length, to);
        }
        return bytes;
    }

    /// <summary>A new Java array; 0 where the JVM has no memory for it, and has an exception pending that says so.</summary>
    public nint Bytes(byte[] bytes)
    {
        var array = ((delegate* unmanaged<nint, int, nint>)Function(NewByteArray))(environment, bytes.Length);
        if (array != 0)
        {
            fixed (byte* from = bytes)
            {
                ((delegate* unmanaged<nint, nint, int, int, byte*, void>)Function(SetByteArrayRegion))(environment, array, 0, bytes.Length, from);
            }
        }
        return array;
    }

    public ReadOnlySpan<byte> Direct(nint buffer, int length) =>
        new((void*)((delegate* unmanaged<nint, nint, nint>)Function(GetDirectBufferAddress))(environment, buffer), length);

    private nint Function(int place) => (*(nint**)environment)[place];
}
