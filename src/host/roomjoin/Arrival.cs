using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Identity;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Visits;
using RoomAgent.Crypto;
using RoomAgent.Identity;
using RoomAgent.XApi;

namespace RoomAgent.Join;

/// <summary>The way to the door of the meeting: the hub is the right one, the guest or the person is known to it, and the meeting is found.</summary>
/// <param name="wish">What is wanted.</param>
/// <param name="vault">Keeps keys while the program runs.</param>
/// <param name="teller">Tells what happens.</param>
/// <param name="lines">What comes on standard input.</param>
/// <param name="clock">The machine's clock.</param>
/// <param name="logs">Where the log goes.</param>
internal sealed class Arrival(JoinWish wish, MemoryVault vault, Teller teller, Lines lines, TimeProvider clock, ILoggerFactory logs)
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    // A meeting that goes on after its end may be joined for so long.
    private static readonly TimeSpan s_overtime = TimeSpan.FromHours(1);

    /// <summary>Goes it. The visit is the caller's, and whoever gives up has none.</summary>
    /// <param name="key">What tokens are bound to. It lives longer.</param>
    /// <param name="crypto">Makes the key for the meeting.</param>
    /// <param name="random">Likewise.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The visit; <see langword="null"/> when there was only something to list.</returns>
    /// <exception cref="JoinProblem">The way ends here.</exception>
    public async Task<HubVisit?> GoAsync(IDeviceKey key, ICryptoProvider crypto, IRandom random, CancellationToken cancel)
    {
        var settings = new CloudSettings { Serial = "", Model = "", Software = $"roomjoin {typeof(Arrival).Assembly.GetName().Version}", TrustsAuthorities = wish.TrustsAuthorities };
        var visit = new HubVisit(wish.Hub, key, settings, clock, logs) { DisplayName = wish.Name };
        try
        {
            await MeetAsync(visit, cancel);
            if (wish.Secret is { } secret)
                await JoinAsync(visit, secret, crypto, random, cancel);
            else if (!await SignInAsync(visit, cancel))
                return await EndAsync(visit);

            return visit;
        }
        catch
        {
            await EndAsync(visit);
            throw;
        }
    }

    /// <summary>Ends a visit: a person is signed out.</summary>
    public static async Task<HubVisit?> EndAsync(HubVisit visit)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await visit.SignOutAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        visit.Dispose();
        return null;
    }

    // Whoever gave the link vouches, or said the words; else an authority on which this machine relies; else a person who compares.
    private async Task MeetAsync(HubVisit visit, CancellationToken cancel)
    {
        HubIntroduction met = await visit.MeetAsync(cancel);
        if (met.Fault != HubFault.None)
        {
            throw new JoinProblem(ExitStatus.NoHub, met.Fault == HubFault.Malformed
                ? $"Whoever answers at {wish.Hub} is no hub. Look whether the address is right."
                : $"The hub at {wish.Hub} does not answer ({met.Fault}). Look whether the address is right and this machine is connected.");
        }

        if (!met.IsHub)
        {
            throw new JoinProblem(ExitStatus.NotTheHub, met.Refused switch
            {
                RefusedHub.OtherAddress => $"The hub at {wish.Hub} says that it is elsewhere. Use the address that it has for itself, as links from it do.",
                RefusedHub.OtherTlsKey => $"Something between this machine and the hub at {wish.Hub} serves TLS with a key of its own. Use another network, or --trust-authorities when a proxy in front of the hub is meant to do that.",
                _ => $"Whoever answers at {wish.Hub} does not have the key of a hub. Nothing was sent there.",
            });
        }

        if (wish.HubWords is { } words)
        {
            if (words != met.Words)
                throw new JoinProblem(ExitStatus.NotTheHub, $"Whoever answers at {wish.Hub} is not the hub that the link or --hub-words names: its words are {met.Words}. Nothing was sent there. Ask whoever gave you the link for a new one.");
        }
        else if (!met.IsPublic)
        {
            if (!lines.IsTerminal || teller.IsJson)
                throw new JoinProblem(ExitStatus.NotTheHub, $"Nobody vouches for the hub at {wish.Hub}. Compare its words with those on its page or on a room's display, then say: --hub-words {met.Words}");

            teller.Tell("hub", $"The words of the hub at {wish.Hub} are: {met.Words}");
            string answer = await lines.AskAsync("Are these the words on its page, or on the display of a room that belongs to it? Type yes if they are: ", cancel);
            if (!answer.Equals("yes", StringComparison.OrdinalIgnoreCase))
                throw new JoinProblem(ExitStatus.NotTheHub, "The hub was not confirmed. Nothing was sent to it.");
        }

        visit.Trust(met.Words);
        teller.Tell("hub", "", new JsonObject { ["address"] = wish.Hub.Url, ["words"] = met.Words });
    }

    // The key of the leaf is in the vault, where the room loop finds it when it asks for the certificate that came with the link.
    private async Task JoinAsync(HubVisit visit, string secret, ICryptoProvider crypto, IRandom random, CancellationToken cancel)
    {
        using var identity = DeviceIdentity.Open(vault, crypto, random);
        using IIdentityKey key = identity.PrepareKey();
        for (bool wasTold = false; ; wasTold = true)
        {
            VisitAnswer answer = await visit.JoinAsync(secret, key, cancel);
            if (answer.Outcome == VisitOutcome.Good)
            {
                string shown = GuestLabel.Describe(visit.DnsName!, wish.Name);
                teller.Tell("guest", $"You come to {Title(visit.Meeting!)} as a guest. Others see you as {shown}.", new JsonObject { ["name"] = shown, ["identity"] = visit.DnsName, ["meeting"] = visit.Meeting!.Title });
                return;
            }

            if (answer.Outcome != VisitOutcome.TooEarly)
                throw Problem(answer, new JoinProblem(ExitStatus.NotPermitted, "The link is not good: it has expired, was taken back, or its meeting is over. Ask whoever gave it to you for a new one."));

            TimeSpan wait = answer.Wait ?? s_longestWait;
            if (!wasTold)
                teller.Tell("too-early", $"The meeting may not be joined yet. It opens in {Words(wait)}; waiting.", new JsonObject { ["seconds"] = (long)wait.TotalSeconds });
            await Task.Delay(wait < s_longestWait ? wait : s_longestWait, clock, cancel);
        }
    }

    // Whether there is a meeting to go to.
    private async Task<bool> SignInAsync(HubVisit visit, CancellationToken cancel)
    {
        string password = await lines.ReadPasswordAsync($"Password of {ForeignText.Clean(wish.Mailbox)} at {wish.Hub}: ", cancel);
        VisitAnswer answer = await visit.SignInAsync(wish.Mailbox, password, cancel);
        if (answer.Outcome != VisitOutcome.Good)
            throw Problem(answer, new JoinProblem(ExitStatus.NotPermitted, "Mailbox and password do not fit together. The password is asked for, or is the first line of standard input."));

        teller.Tell("signed-in", $"You are signed in as {visit.DnsName}.", new JsonObject { ["name"] = visit.DnsName });
        if (wish is { Meeting: { } address, Lists: false } && address.StartsWith("room:", StringComparison.Ordinal))
        {
            if (!await visit.ChooseRoomAsync(address["room:".Length..], cancel))
                throw new JoinProblem(ExitStatus.NotPermitted, "There is no personal room at that address in your organisation.");
            return true;
        }

        Occurrence[] meetings = [.. (await visit.ReadMeetingsAsync(cancel) ?? throw new JoinProblem(ExitStatus.NoHub, "The hub does not say what you are invited to. Try again in a moment.")).Entries.Where(entry => entry.Policy is not null)];
        if (wish.Lists)
        {
            foreach (Occurrence meeting in meetings)
                teller.Tell("meeting", Line(meeting), new JsonObject { ["id"] = meeting.Name.MeetingId.ToString(), ["title"] = meeting.Title, ["starts_at"] = meeting.StartsAt, ["ends_at"] = meeting.EndsAt, ["opens_at"] = meeting.OpensAt });
            if (meetings.Length == 0)
                teller.Tell("meetings", "You are invited to nothing in the coming seven days.");
            return false;
        }

        visit.Choose(Find(meetings, visit.TrustedTime ?? clock.GetUtcNow()));
        Occurrence chosen = visit.Meeting!;
        bool isOpen = chosen.OpensAt <= (visit.TrustedTime ?? clock.GetUtcNow());
        teller.Tell("meeting", $"{Line(chosen)}{(isOpen ? "" : $". It opens at {Time(chosen.OpensAt)}; waiting.")}", new JsonObject { ["title"] = chosen.Title, ["opens_at"] = chosen.OpensAt });
        return true;
    }

    // The one of that name; without a name the one that runs, else the next one.
    private Occurrence Find(Occurrence[] all, DateTimeOffset now)
    {
        Occurrence[] open = [.. all.Where(one => one.EndsAt + s_overtime > now)];
        Occurrence[] found = wish.Meeting is { } wanted
            ? [.. open.Where(one => one.Title.Equals(wanted, StringComparison.OrdinalIgnoreCase) || one.Name.MeetingId.ToString() == wanted)]
            : [.. open.Where(one => one.StartsAt <= now && one.EndsAt > now)];
        if (found.Length == 0 && wish.Meeting is { } start)
            found = [.. open.Where(one => one.Title.StartsWith(start, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0 && wish.Meeting is null)
            found = [.. open.Where(one => one.EndsAt > now).Take(1)];

        // Of a meeting that repeats it is the next time.
        if (found.Length > 0 && found.All(one => one.Name.MeetingId == found[0].Name.MeetingId))
            return found.FirstOrDefault(one => one.EndsAt > now) ?? found[^1];

        string list = string.Concat((found.Length == 0 ? open : found).Select(one => $"\n  {Line(one)}"));
        throw new JoinProblem(ExitStatus.NotPermitted, found.Length > 0
            ? $"More than one meeting may be meant; say its title or its id:{list}"
            : open.Length == 0 ? "You are invited to no meeting that can be joined here. An administrator invites people to meetings on the hub's pages." : $"You are invited to no meeting of that name. There are:{list}");
    }

    private JoinProblem Problem(VisitAnswer answer, JoinProblem refused) => answer.Outcome switch
    {
        VisitOutcome.Refused => refused,
        VisitOutcome.Busy => new JoinProblem(ExitStatus.Later, $"It was tried too often. Try again in {Words(answer.Wait ?? s_longestWait)}."),
        VisitOutcome.Unreachable => new JoinProblem(ExitStatus.NoHub, $"The hub at {wish.Hub} does not answer any more, or cannot decide. Try again in a moment."),
        _ => new JoinProblem(ExitStatus.Failure, $"The hub at {wish.Hub} gives an answer that makes no sense. It may be of another version."),
    };

    private static string Title(Occurrence meeting) => meeting.Title.Length > 0 ? $"\"{ForeignText.Clean(meeting.Title)}\"" : "a meeting";

    private static string Line(Occurrence meeting) => $"{Title(meeting)}, {Time(meeting.StartsAt)} to {Time(meeting.EndsAt)} ({meeting.Name.MeetingId})";

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private static string Words(TimeSpan time) => time < TimeSpan.FromMinutes(2) ? $"{Math.Max(1, (int)Math.Ceiling(time.TotalSeconds))} seconds" : $"{(int)Math.Ceiling(time.TotalMinutes)} minutes";
}
