using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Host.Systemd;

/// <summary>Puts together what everyone says about the daemon into the one line that <c>systemctl status</c> shows.</summary>
internal sealed class StatusBoard(NotifySocket systemd) : IStatusBoard
{
    private readonly Lock _turn = new();
    private readonly SortedDictionary<StatusTopic, string> _texts = [];

    public void Post(StatusTopic topic, string? text)
    {
        lock (_turn)
        {
            if (_texts.GetValueOrDefault(topic) == text)
                return;

            if (text is null)
                _texts.Remove(topic);
            else
                _texts[topic] = text;
            systemd.Status(string.Join("; ", _texts.Values));
        }
    }
}
