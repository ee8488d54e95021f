using BenchmarkDotNet.Running;
using EvBilling.Bench;

BenchmarkSwitcher.FromAssembly(typeof(DomainBenchmarks).Assembly).Run(args);
