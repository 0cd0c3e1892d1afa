namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>A room, a firewall, and the hub beyond it.</summary>
/// <remarks>
/// <code>
/// room 10.77.1.2 ---- 10.77.1.1 wall 10.77.2.1 ---- 10.77.2.2 hub
///      10.77.1.3 (a second address, for a move)
/// </code>
/// </remarks>
internal sealed class Site : IDisposable
{
    public const string RoomAddress = "10.77.1.2";
    public const string OtherRoomAddress = "10.77.1.3";
    public const string WallAddress = "10.77.1.1";
    public const string HubAddress = "10.77.2.2";

    public Site()
    {
        Room = new Host("room");
        Wall = new Host("wall");
        Hub = new Host("hub");
        Host.Connect(Room, $"{RoomAddress}/24", Wall, $"{WallAddress}/24");
        Host.Connect(Wall, "10.77.2.1/24", Hub, $"{HubAddress}/24");
        Room.Run("ip", "route", "add", "default", "via", WallAddress);
        Hub.Run("ip", "route", "add", "default", "via", "10.77.2.1");
        Wall.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    }

    public Host Room { get; }

    public Host Wall { get; }

    public Host Hub { get; }

    /// <summary>Lets through the wall what <paramref name="accepted"/> says, in the words of nft; everything else vanishes.</summary>
    public void Permit(string accepted) => Wall.Filter($$"""
        table inet wall {
            chain forward {
                type filter hook forward priority filter; policy drop;
                ip saddr 10.77.2.0/24 ct state established,related accept
                {{accepted}}
            }
        }
        """);

    /// <summary>Drops what <paramref name="dropped"/> says and lets everything else through.</summary>
    public void Forbid(string dropped) => Wall.Filter($$"""
        table inet wall {
            chain forward {
                type filter hook forward priority filter; policy accept;
                {{dropped}}
            }
        }
        """);

    /// <summary>Hides the room behind the wall's address, at source ports from <paramref name="firstPort"/> on: what it had open before is forgotten.</summary>
    public void Translate(int firstPort)
    {
        Wall.Filter($$"""
            table ip wall {
                chain postrouting {
                    type nat hook postrouting priority srcnat;
                    ip saddr 10.77.1.0/24 ip protocol udp snat to 10.77.2.1:{{firstPort}}-{{firstPort + 999}}
                    ip saddr 10.77.1.0/24 ip protocol tcp snat to 10.77.2.1:{{firstPort}}-{{firstPort + 999}}
                }
            }
            """);
    }

    public void Dispose()
    {
        Room.Dispose();
        Hub.Dispose();
        Wall.Dispose();
    }
}
