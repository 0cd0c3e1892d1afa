using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Host.Systemd;

/// <summary>Puts together what everyone says about the daemon into the one line that <c>systemctl status</c> shows.</summary>
internal sealed class StatusBoard(NotifySocket systemd) : IStatusBoard
{
    private readonly Lock turn = new();
    private readonly SortedDictionary<StatusTopic, string> texts = [];

    public void Post(StatusTopic topic, string? text)
    {
        lock (turn)
        {
            if (texts.GetValueOrDefault(topic) == text)
                return;

            if (text is null)
                texts.Remove(topic);
            else
                texts[topic] = text;
            systemd.Status(string.Join("; ", texts.Values));
        }
    }
}
