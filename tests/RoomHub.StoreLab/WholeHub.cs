using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Hosting;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.StoreLab;

/// <summary>A whole hub as a process of its own, whose calendar is a file that a test wrote.</summary>
public static class WholeHub
{
    public static async Task<int> RunAsync(string data, string address, string listen, string database, string meetings)
    {
        var endPoint = IPEndPoint.Parse(listen);
        var settings = new HubSettings
        {
            Data = data,
            Address = HubAddress.Read(address)!,
            HubAddress = HubAddress.Read($"https://{endPoint}")!,
            Listen = [endPoint],
            Database = database == "-" ? null : database,
            Media = new() { Listen = [IPAddress.Loopback], UdpPorts = [0, 0], TcpPort = 0, Loops = 1 },
        };
        await using HubServer hub = await HubServer.StartAsync(
            settings, TimeProvider.System, _ => { }, services => services.AddSingleton<IMeetingDirectory>(FileDirectory.Read(meetings)));
        Console.WriteLine("ready");

        // Whoever started us holds the other end; when it is gone, so are we.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        return 0;
    }
}

/// <summary>Meetings from a file: a line each with organisation, policy and whom it invites, in hexadecimal.</summary>
public sealed class FileDirectory(IReadOnlyDictionary<MeetingInstance, ScheduledMeeting> meetings) : IMeetingDirectory
{
    public static FileDirectory Read(string path)
    {
        var meetings = new Dictionary<MeetingInstance, ScheduledMeeting>();
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            RoomPolicy policy = RoomPolicy.Decode(Convert.FromHexString(words[1]))!;
            meetings.Add(
                new MeetingInstance(policy.Name.MeetingId, policy.Name.Instance),
                new ScheduledMeeting(
                    OrganisationId.Read(words[0])!.Value,
                    policy,
                    DateTimeOffset.UnixEpoch,
                    DateTimeOffset.MaxValue,
                    words[2..].Select(word => ByteString.Owning(Convert.FromHexString(word))).ToHashSet()));
        }

        return new FileDirectory(meetings);
    }

    public static void Write(string path, IEnumerable<ScheduledMeeting> meetings) => File.WriteAllLines(
        path, meetings.Select(meeting => string.Join(' ', [meeting.Organisation.ToString(), Convert.ToHexString(meeting.Policy.Encode()), .. meeting.Invited.Select(who => Convert.ToHexString(who))])));

    public Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel) => Task.FromResult(meetings.GetValueOrDefault(instance));
}
