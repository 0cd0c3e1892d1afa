using RoomAgent.Mls;
using RoomAgent.Testing;

namespace RoomAgent.Benchmarks.Mls;

/// <summary>The operations of MLS by the size of the group, and beside them the same by ts-mls in the same run.</summary>
internal static class MlsTable
{
    private static readonly int[] s_sizes = [2, 10, 50, 200, 1000];
    private static readonly int[] s_peerSizes = [2, 10, 50];

    /// <summary>By which ./bench finds it.</summary>
    public static string Name => "RoomAgent.Benchmarks.Mls.MlsTable.Print";

    public static void Print(TextWriter output)
    {
        WarmUp();

        var rows = new Table();
        foreach (int size in s_sizes)
            Measure(rows, size);

        output.WriteLine();
        output.WriteLine("## MLS: suite 2, Basic credentials, PublicMessage, tree in the Welcome; milliseconds of one thread, median");
        output.WriteLine();
        rows.Print(output, s_sizes);

        output.WriteLine();
        output.WriteLine("## MLS: processing an update of a full tree, by the size of the group");
        output.WriteLine();
        PrintCurve(output);

        output.WriteLine();
        output.WriteLine("## MLS: beside ts-mls, which is the last member of the same groups; milliseconds, median");
        output.WriteLine();
        PrintPeer(output, rows);
    }

    private static void Measure(Table rows, int size)
    {
        var full = new BuiltGroup(size, TreeKind.Full);
        var sparse = new BuiltGroup(size, TreeKind.Sparse);
        Group committer = full.Member(0);
        Group receiver = full.LastMember;

        if (size == s_sizes[0])
            rows[Row.KeyPackage, size] = Operations.KeyPackage();
        rows[Row.Add, size] = Operations.Add(committer, withPath: false);
        rows[Row.AddWithPath, size] = Operations.Add(committer, withPath: true);
        rows[Row.Update, size] = Operations.Update(committer);
        rows[Row.UpdateSparse, size] = Operations.Update(sparse.Member(0));
        if (size > 2)
            rows[Row.Remove, size] = Operations.Remove(committer, size / 2);
        rows[Row.ProcessAdd, size] = Operations.Process(receiver, Operations.MessageOf(committer, new() { Proposals = [Operations.NewAdd("joiner").Proposal] }));
        rows[Row.ProcessUpdate, size] = Operations.Process(receiver, Operations.MessageOf(committer, new()));
        rows[Row.ProcessUpdateSparse, size] = Operations.Process(sparse.LastMember, Operations.MessageOf(sparse.Member(0), new()));
        rows[Row.Join, size] = Operations.Join(new BuiltGroup(size - 1, TreeKind.Full).LastMember);
        rows[Row.JoinSparse, size] = Operations.Join(new BuiltGroup(size - 1, TreeKind.Sparse).LastMember);
        rows[Row.AddAll, size] = Operations.AddAll(size);
        rows[Row.Export, size] = Operations.Export(committer);
    }

    // Each operation some hundred times on a small group, so that what is measured is compiled.
    private static void WarmUp()
    {
        var rows = new Table();
        for (int i = 0; i < 3; i++)
            Measure(rows, 9 + i);
    }

    private static void PrintCurve(TextWriter output)
    {
        output.WriteLine("| N | ms | bytes of the commit |");
        output.WriteLine("| ---: | ---: | ---: |");
        foreach (int size in new[] { 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048 })
        {
            var group = new BuiltGroup(size, TreeKind.Full);
            byte[] message = Operations.MessageOf(group.Member(0), new());
            output.WriteLine($"| {size} | {Milliseconds(Operations.Process(group.LastMember, message))} | {message.Length} |");
        }
    }

    private static void PrintPeer(TextWriter output, Table ours)
    {
        if (NodeProgram.Missing is { } missing)
        {
            output.WriteLine($"Not measured: {missing}.");
            return;
        }

        output.WriteLine("| operation | N | ours | ts-mls | ratio |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        using var peer = new Peer(NodeProgram.Start("ts-mls", "peer.mjs"));
        foreach (int size in s_peerSizes)
        {
            foreach (TreeKind kind in Enum.GetValues<TreeKind>())
            {
                bool full = kind == TreeKind.Full;
                Group member = new BuiltGroup(size - 1, kind).LastMember;
                void print(Row row, TimeSpan time)
                {
                    TimeSpan own = ours[row, row == Row.KeyPackage ? s_sizes[0] : size]!.Value;
                    output.WriteLine($"| {Table.NameOf(row)} | {(row == Row.KeyPackage ? "" : size)} | {Milliseconds(own)} | {Milliseconds(time)} | {time / own:F1} |");
                }

                print(full ? Row.Join : Row.JoinSparse, peer.Join(member));
                print(full ? Row.ProcessUpdate : Row.ProcessUpdateSparse, peer.Process(Operations.MessageOf(member, new())));
                print(full ? Row.Update : Row.UpdateSparse, peer.Commit());
                if (!full)
                    continue;

                KeyPackage joiner = Operations.NewAdd("joiner").Own.KeyPackage;
                print(Row.Add, peer.Commit(Peer.Add(joiner)));
                print(Row.ProcessAdd, peer.Process(Operations.MessageOf(member, new() { Proposals = [new AddProposal(joiner)] })));
                if (size > 2)
                    print(Row.Remove, peer.Commit(Peer.Remove(size / 2)));
                print(Row.Export, peer.Export());
                if (size == s_peerSizes[0])
                    print(Row.KeyPackage, peer.KeyPackage());
            }
        }
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 0.1 => $"{time.TotalMilliseconds:F4}",
        < 10 => $"{time.TotalMilliseconds:F3}",
        < 100 => $"{time.TotalMilliseconds:F1}",
        _ => $"{time.TotalMilliseconds:F0}",
    };

    private enum Row
    {
        KeyPackage,
        Add,
        AddWithPath,
        Update,
        UpdateSparse,
        Remove,
        ProcessAdd,
        ProcessUpdate,
        ProcessUpdateSparse,
        Join,
        JoinSparse,
        AddAll,
        Export,
    }

    private sealed class Table
    {
        private readonly Dictionary<(Row, int), TimeSpan> _cells = [];

        public TimeSpan? this[Row row, int size]
        {
            get => _cells.TryGetValue((row, size), out TimeSpan time) ? time : null;
            set => _cells[(row, size)] = value!.Value;
        }

        public static string NameOf(Row row) => row switch
        {
            Row.KeyPackage => "make a key package",
            Row.Add => "add and commit, no path, full tree",
            Row.AddWithPath => "add and commit with a path, full tree",
            Row.Update => "update and commit, full tree",
            Row.UpdateSparse => "update and commit, sparse tree",
            Row.Remove => "remove and commit, full tree",
            Row.ProcessAdd => "process an add, full tree",
            Row.ProcessUpdate => "process an update, full tree",
            Row.ProcessUpdateSparse => "process an update, sparse tree",
            Row.Join => "join by Welcome as the last of N, full tree",
            Row.JoinSparse => "join by Welcome as the last of N, sparse tree",
            Row.AddAll => "one commit that adds N-1",
            _ => "export 32 bytes",
        };

        public void Print(TextWriter output, int[] sizes)
        {
            output.WriteLine($"| operation | {string.Join(" | ", sizes.Select(size => $"N={size}"))} |");
            output.WriteLine($"| --- | {string.Join(" | ", sizes.Select(_ => "---:"))} |");
            foreach (Row row in Enum.GetValues<Row>())
                output.WriteLine($"| {NameOf(row)} | {string.Join(" | ", sizes.Select(size => this[row, size] is { } time ? Milliseconds(time) : ""))} |");
        }
    }
}
