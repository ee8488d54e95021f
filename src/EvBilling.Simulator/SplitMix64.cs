namespace EvBilling.Simulator;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Written here because the sequence must be the same on every
/// machine and in every version; `default` is the stream of seed 0.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = seed;

    /// <summary>A seed for one of many streams; neighbours share nothing visible.</summary>
    public static ulong Derive(ulong seed, ulong stream) => Mix(unchecked(Mix(unchecked(seed + Gamma)) + (Gamma * (stream + 1))));

    public ulong Next() => Mix(unchecked(_state += Gamma));

    /// <summary>A number from 0 to below the bound.</summary>
    public int Below(int bound) => unchecked((int)(((Next() >> 32) * (uint)bound) >> 32));

    /// <summary>A number from least to most, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>True in so many of 10,000 cases.</summary>
    public bool Chance(int perMyriad) => Below(10_000) < perMyriad;

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
