namespace RoomAgent.Hub.Meetings;

/// <summary>
/// What the access of somebody without an account hangs on: a person's session, a guest's link. Whoever authenticates a request puts it among its features,
/// so that a connection can ask again for as long as it lives.
/// </summary>
/// <param name="Topic">The topic by which its end is announced; the content is <paramref name="Id"/>.</param>
/// <param name="Id">Which it is.</param>
/// <param name="Reason">What a connection is told that ends with it.</param>
/// <param name="IsGoodAsync">Looks it up again. Told whether it was used since.</param>
internal sealed record AccessGround(string Topic, Guid Id, string Reason, Func<bool, CancellationToken, Task<bool>> IsGoodAsync);
