using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.People;

/// <summary>What became of somebody who wants to sign in. What is told outside is the same for every mailbox, whether it exists or not.</summary>
/// <param name="Who">Who it is; <see langword="null"/> when it is nobody.</param>
/// <param name="Wait">After what time it is worth trying again, when it was not looked at.</param>
internal sealed record SignInOutcome(SigningIn? Who, TimeSpan? Wait);

/// <summary>Checks mailbox and password.</summary>
/// <remarks>
/// <para>Guesses are counted for a source at one mailbox (5, then a pause of 15 minutes) and for a mailbox (100, then an hour). A source may try 60 times at once, then 10 times a minute, right or wrong:
/// a school has one address. A guess counts before it is looked at, and mailboxes that do not exist count like those that do. A botnet gets some 2,400 guesses a day at one account, against passwords of 12 characters that are none of the usual ones.
/// One source cannot lock somebody else's account: its own 5 are over first.</para>
/// <para>An unknown mailbox, or one that is switched off, costs the same hash as every other.</para>
/// </remarks>
internal sealed class SignInDesk(PeopleDesk people)
{
    private static readonly TimeSpan s_pauseOfAll = TimeSpan.FromSeconds(5);

    private readonly Guesses _pairs = new(people.Clock, tries: 5, TimeSpan.FromMinutes(15), perSecond: 100);
    private readonly RateLimit _sources = new(people.Clock, perSecond: 1.0 / 6, burst: 60, perSecondForAll: 20, burstForAll: 200);
    private readonly Guesses _mailboxes = new(people.Clock, tries: 100, TimeSpan.FromHours(1), perSecond: 100);

    /// <summary>Checks them.</summary>
    /// <param name="mailbox">What was typed.</param>
    /// <param name="password">What was typed.</param>
    /// <param name="source">From where.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SignInOutcome> TryAsync(string? mailbox, string? password, string source, CancellationToken cancel = default)
    {
        if (Mailbox.Read(mailbox) is not { } address || password is not { Length: > 0 and <= PasswordRules.MaxLength })
            return new SignInOutcome(null, Wait: null);

        // 1. who guesses
        string pair = $"{source} {address}";
        if (!_sources.TryTake(source, out TimeSpan wait) || !_pairs.TryBegin(pair, out wait) || !_mailboxes.TryBegin(address, out wait))
            return new SignInOutcome(null, wait);

        // 2. the same work for everybody
        (Person Person, string Password)? found = await people.Store.FindByMailboxAsync(address, cancel);
        PasswordVerdict? verdict = await people.Passwords.VerifyAsync(found?.Password, password, cancel);
        if (verdict is null)
        {
            TakeBack();
            return new SignInOutcome(null, s_pauseOfAll);
        }

        if (verdict == PasswordVerdict.Wrong || found is not { Person: { DisabledAt: null } person })
            return new SignInOutcome(null, Wait: null);

        // 3. it is the one
        TakeBack();
        string hash = found.Value.Password;
        if (verdict == PasswordVerdict.RightButOld && await people.Passwords.HashAsync(password, cancel) is { } anew && await people.Store.RehashAsync(person.Id, hash, anew, cancel))
            hash = anew;
        return new SignInOutcome(new SigningIn(person, hash), Wait: null);

        void TakeBack()
        {
            _pairs.WasRight(pair);
            _mailboxes.WasRight(address);
        }
    }
}
