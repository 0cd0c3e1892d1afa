namespace RoomAgent.Mls.Peer.Tests;

/// <summary>Which conversations are led: by suite, by the form of the handshakes, and by whose implementation founds the group.</summary>
public static class Cases
{
    /// <summary>The suites that ts-mls can do without X448, and that are fast enough to try everything with.</summary>
    public static TheoryData<int, Form, Side> Matrix { get; } = Of(1, 2, 3, 5);

    /// <summary>All seven.</summary>
    public static TheoryData<int, Form, Side> EverySuite { get; } = Of(1, 2, 3, 4, 5, 6, 7);

    private static TheoryData<int, Form, Side> Of(params int[] suites) =>
    [
        .. from suite in suites
           from form in Enum.GetValues<Form>()
           from founder in Enum.GetValues<Side>()
           select new TheoryDataRow<int, Form, Side>(suite, form, founder),
    ];
}
