using System.CommandLine;
using System.Net;
using RoomAgent.MediaLab;

var listen = new Option<string>("--listen") { Description = "The address of the node", Required = true };
var node = new Command("node", "A media node, and the part of a hub that answers offers") { listen };
node.SetAction((arguments, stopping) => LabNode.RunAsync(IPAddress.Parse(arguments.GetRequiredValue(listen)), stopping));

var hub = new Option<string>("--hub") { Description = "The address of the node", Required = true };
var trust = new Option<string>("--trust") { Description = "SHA-256 of the hub's certificate, in hexadecimal", Required = true };
var leaf = new Option<int>("--leaf") { Description = "The room's leaf in the group", Required = true };
var secret = new Option<string>("--secret") { Description = "The base key of the epoch, in hexadecimal", Required = true };
var proxy = new Option<string?>("--proxy") { Description = "http://user:password@host:port" };
var words = new Option<string>("--words") { Description = "What every picture and sound consists of", DefaultValueFactory = _ => "something to look at; " };
var room = new Command("room", "A room in a meeting with all others of this node") { hub, trust, leaf, secret, proxy, words };
room.SetAction((arguments, stopping) => LabRoom.RunAsync(
    new LabRoomPlan(arguments.GetRequiredValue(hub), arguments.GetRequiredValue(trust), arguments.GetRequiredValue(leaf), Convert.FromHexString(arguments.GetRequiredValue(secret)), arguments.GetValue(proxy), System.Text.Encoding.UTF8.GetBytes(arguments.GetValue(words)!)),
    stopping));

return await new RootCommand("Media nodes and rooms as processes, for tests") { node, room }.Parse(args).InvokeAsync();
