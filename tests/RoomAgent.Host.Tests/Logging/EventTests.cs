using System.Reflection;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Room;

namespace RoomAgent.Host.Tests.Logging;

/// <summary>What can be said of all messages at once.</summary>
public sealed class EventTests
{
    private static readonly LoggerMessageAttribute[] s_messages =
    [
        .. new[] { typeof(RoomLoop).Assembly, typeof(ExitStatus).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void NoTwoMessagesShareANumber()
    {
        Assert.NotEmpty(s_messages);
        Assert.Distinct(s_messages.Select(message => message.EventId));
        Assert.DoesNotContain(s_messages, message => message.EventId <= 0);
    }
}
