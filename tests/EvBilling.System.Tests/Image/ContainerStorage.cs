using System.Diagnostics;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Image;

/// <summary>Images and containers of the tests' own, apart from what root has on this machine; and how a container of the image is run.</summary>
internal sealed class ContainerStorage : IDisposable
{
    /// <summary>As a cluster's "restricted" pods: nothing can be written, no right of root's is there, and none can be got.</summary>
    private static readonly string[] Restricted =
    [
        "--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt", "no-new-privileges", "--network", "host",
        // The defaults are more than some machines allow.
        "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768", "--log-driver", "k8s-file",
    ];

    private readonly string _folder;
    private readonly string _configuration;

    public ContainerStorage(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _configuration = Path.Combine(folder, "storage.conf");
        File.WriteAllText(_configuration, $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{folder}/graph\"\nrunroot = \"{folder}/run\"\n");
    }

    /// <summary>Lets a program that makes or runs images keep them here.</summary>
    public void Use(ProcessStartInfo start)
    {
        start.Environment["CONTAINERS_STORAGE_CONF"] = _configuration;
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        start.Environment["PATH"] = ContainerTools.SearchPath();
    }

    public ProcessStartInfo Podman(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("podman", ["--runtime", "runc", "--cgroup-manager", "cgroupfs", .. arguments]);
        Use(start);
        return start;
    }

    /// <summary>Runs a container of the image to its end.</summary>
    /// <param name="options">Of podman run.</param>
    /// <param name="arguments">The verb and its options.</param>
    public CliEnd Run(string image, IEnumerable<string> options, params IEnumerable<string> arguments)
    {
        var (exitCode, output, errors) = ContainerTools.RunToTheEnd(RunInfo(image, ["--rm", .. options], arguments));
        return new(exitCode, output, errors, 0);
    }

    public ProcessStartInfo RunInfo(string image, IEnumerable<string> options, params IEnumerable<string> arguments) =>
        Podman(["run", .. Restricted, .. options, image, .. arguments]);

    public void Dispose()
    {
        ContainerTools.RunToTheEnd(Podman("rm", "--all", "--force", "--time", "0"));
        Delete(_folder);
    }

    /// <summary>Deletes a folder with such a storage in it, which the tools mount upon itself.</summary>
    public static void Delete(string folder)
    {
        var mounts = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(mount => mount.StartsWith(folder + "/", StringComparison.Ordinal));
        foreach (var mount in mounts.Reverse().ToList())
        {
            ContainerTools.RunToTheEnd(new ProcessStartInfo("umount", ["--lazy", mount]));
        }
        Directory.Delete(folder, recursive: true);
    }
}
