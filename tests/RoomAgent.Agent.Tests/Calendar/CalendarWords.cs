using System.Text;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Calendar;

/// <summary>What a hub says of a calendar.</summary>
internal static class CalendarWords
{
    public const string Meeting = "QUJDREVGR0hJSktMTU5PUA";
    public const string Instance = "AAECAwQFBgcICQoLDA0ODw";

    /// <summary>The policy of <see cref="Entry"/>, in base64.</summary>
    public static string Policy { get; } = Convert.ToBase64String(
        new RoomPolicy { Name = new GroupName(ByteString.Owning(Base64UrlText.Decode(Meeting)!), ByteString.Owning(Base64UrlText.Decode(Instance)!), 0), Hosts = [], Anchors = [] }.Encode().Span);

    /// <summary>A meeting of ours.</summary>
    public static string Entry { get; } =
        $$"""{"meeting_id":"{{Meeting}}","instance":"{{Instance}}","title":"Planning \u00e4","organiser":"Ada","starts_at":"2026-12-01T09:30:00+01:00","ends_at":"2026-12-01T10:15:00+01:00","opens_at":"2026-12-01T08:15:00Z","class":"end-to-end","join_before_host":true,"policy":"{{Policy}}","elsewhere":null}""";

    /// <summary>A meeting at another service, before the other.</summary>
    public static string Foreign { get; } =
        $$"""{"meeting_id":"{{Meeting}}","instance":"AAAAAAAAAAAAAAAAAAAAAA","title":"","organiser":"","starts_at":"2026-12-01T07:00:00Z","ends_at":"2026-12-01T08:00:00Z","opens_at":"2026-12-01T06:45:00Z","elsewhere":"Microsoft Teams"}""";

    /// <summary>A calendar of these.</summary>
    public static byte[] Calendar(params string[] entries) => Encoding.UTF8.GetBytes($$"""{"room":"7b0c","name":"Library","zone":"Europe/Berlin","entries":[{{string.Join(',', entries)}}]}""");
}
