using System.Text;
using RoomAgent.Testing;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Tests;

/// <summary>Calls and replies as bytes from anybody.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData("", RpcFault.NotJson)]
    [InlineData("{", RpcFault.NotJson)]
    [InlineData("[]", RpcFault.NotARequest)]
    [InlineData("1", RpcFault.NotARequest)]
    [InlineData("null", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"a"}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"a"}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"a","params":[]}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":{}}}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":1,"B":2}}""", RpcFault.NotARequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""", RpcFault.NotJson)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":[[[[[[[[[[]]]]]]]]]]}}""", RpcFault.NotJson)]
    public void WhatIsNoCallIsRefused(string text, RpcFault fault)
    {
        Assert.Equal(fault, RpcRequest.Read(Encoding.UTF8.GetBytes(text), out RpcRequest? request));
        Assert.Null(request);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"a\"")]
    [InlineData("null")]
    [InlineData("1.5e3")]
    public void AReplyHasTheNameOfItsCallAsItCame(string id)
    {
        Assert.Equal(RpcFault.None, RpcRequest.Read(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"method":"a"}"""), out RpcRequest? request));

        Assert.Equal("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"status\":\"OK\"}}", Encoding.UTF8.GetString(RpcReply.Done.Write(request!.Id)));
    }

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var written = new RpcRequest("1", "xCommand/Dial", new Dictionary<string, string> { ["Number"] = "caf\u00e9\"\n" });

        Assert.Equal(RpcFault.None, RpcRequest.Read(written.Write(), out RpcRequest? read));
        Assert.Equal(("1", "xCommand/Dial", "caf\u00e9\"\n"), (read!.Id, read.Method, read.Arguments["number"]));

        RpcReply reply = RpcReply.Read(new RpcReply(RpcFault.Failed, "No.").Write("1"))!;
        Assert.Equal((RpcFault.Failed, "No."), (reply.Fault, reply.Message));
    }

    [Fact]
    public void APartOfAMessageIsNoMessage()
    {
        byte[] call = new RpcRequest("1", "xCommand/Dial", new Dictionary<string, string> { ["Number"] = "alice" }).Write();
        byte[] reply = new RpcReply(RpcFault.Failed, "No.").Write("1");
        byte[] view = """{"version":3,"phase":"Paired","account":{"state":"Paired"},"calendar":[]}"""u8.ToArray();

        Assert.Empty(Truncation.AcceptedLengths(call, input => RpcRequest.Read(input.ToArray(), out _) == RpcFault.None));
        Assert.Empty(Truncation.AcceptedLengths(reply, input => RpcReply.Read(input.ToArray()) is not null));
        Assert.Empty(Truncation.AcceptedLengths(view, input => RoomJson.ReadView(input) is not null));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":0,"message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":"1"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":7}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("7")]
    public void WhatIsNoReplyIsNone(string text) => Assert.Null(RpcReply.Read(Encoding.UTF8.GetBytes(text)));
}
