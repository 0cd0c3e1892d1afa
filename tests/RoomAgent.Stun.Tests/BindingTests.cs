using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Stun.Tests;

/// <summary>Client and server, joined by hand in virtual time.</summary>
public sealed class BindingTests : IDisposable
{
    private static readonly Instant s_start = new(1_000_000);
    private static readonly StunAddress s_source = new([203, 0, 113, 9], 40_000);
    private static readonly StunAddress s_source6 = new(Convert.FromHexString("20010db8000000000000000000000001"), 40_000);

    private readonly StunCredential _credential = PublishedExamplesTests.NewCredential();
    private readonly byte[] _request = new byte[BindingClient.LargestRequest];
    private readonly byte[] _answer = new byte[BindingServer.LargestAnswer];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnAnswerGivesAddressAndRoundTrip(bool keyed)
    {
        var client = new BindingClient(new SeededRandom(1), reliable: false, keyed ? _credential : null);
        BindingServer server = NewServer();

        client.Start(s_start);
        byte[] request = Transmit(client);
        BindingVerdict verdict = server.Answer(request, s_source, _answer, out int length, out StunCredential? who);
        bool ended = Handle(client, s_start + TimeSpan.FromMilliseconds(30), _answer.AsSpan(0, length));

        Assert.True(ended);
        Assert.Equal(keyed ? BindingVerdict.AnsweredAuthenticated : BindingVerdict.Answered, verdict);
        Assert.Equal(keyed, who is not null);
        Assert.Equal(BindingState.Succeeded, client.State);
        Assert.Equal(s_source, client.MappedAddress);
        Assert.Equal(TimeSpan.FromMilliseconds(30), client.RoundTrip);
        Assert.Equal(Instant.Never, client.PollTimeout());
    }

    [Fact]
    public void RequestsGoOutAtTheTimesOfTheStandard()
    {
        var client = new BindingClient(new SeededRandom(1), reliable: false);
        List<double> sent = [];
        Instant now = s_start;

        client.Start(now);
        while (client.State == BindingState.Waiting)
        {
            if (client.TryPollTransmit(_request, out _))
                sent.Add((now - s_start).TotalMilliseconds);
            Assert.False(client.TryPollTransmit(_request, out _));
            Assert.True(client.PollTimeout() > now);
            now = client.PollTimeout();
            client.HandleTimeout(now);
        }

        Assert.Equal([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500], sent);
        Assert.Equal(39_500, (now - s_start).TotalMilliseconds);
        Assert.Equal(BindingState.TimedOut, client.State);
    }

    [Fact]
    public void OverAReliableTransportThereIsOneRequest()
    {
        var client = new BindingClient(new SeededRandom(1), reliable: true);

        client.Start(s_start);
        Transmit(client);
        client.HandleTimeout(s_start + TimeSpan.FromSeconds(39.4));
        Assert.Equal(BindingState.Waiting, client.State);
        Assert.False(client.TryPollTransmit(_request, out _));
        client.HandleTimeout(s_start + TimeSpan.FromSeconds(39.5));

        Assert.Equal(BindingState.TimedOut, client.State);
    }

    [Fact]
    public void TheRoundTripOfARepeatedRequestIsUnknown()
    {
        var client = new BindingClient(new SeededRandom(1), reliable: false);
        client.Start(s_start);
        byte[] first = Transmit(client);
        client.HandleTimeout(client.PollTimeout());
        byte[] second = Transmit(client);

        NewServer().Answer(second, s_source, _answer, out int length, out _);
        Handle(client, s_start + TimeSpan.FromMilliseconds(510), _answer.AsSpan(0, length));

        Assert.Equal(first, second);
        Assert.Equal(BindingState.Succeeded, client.State);
        Assert.Null(client.RoundTrip);
    }

    [Fact]
    public void AForgedAnswerIsAsIfItHadNotCome()
    {
        var client = new BindingClient(new SeededRandom(1), reliable: false, _credential);
        using var wrong = new StunCredential(OpenSslCrypto.Instance, "evtj:h6vY"u8, "wrong"u8);
        client.Start(s_start);
        byte[] request = Transmit(client);
        Assert.True(StunMessage.TryRead(request, out StunMessage sent));

        foreach (StunCredential? key in (StunCredential?[])[null, wrong])
        {
            foreach (StunClass answer in Enum.GetValues<StunClass>())
                Assert.False(Handle(client, s_start, NewAnswer(answer, sent.TransactionId, key)));
        }

        Assert.False(Handle(client, s_start, NewAnswer(StunClass.SuccessResponse, new StunTransactionId(0, 0), _credential)));
        Assert.Equal(9, client.Ignored);
        Assert.Equal(BindingState.Waiting, client.State);
        Assert.True(Handle(client, s_start, NewAnswer(StunClass.SuccessResponse, sent.TransactionId, _credential)));
    }

    [Fact]
    public void AnErrorOrWhatIsNotUnderstoodEndsTheTransaction()
    {
        var client = new BindingClient(new SeededRandom(1), reliable: false);

        client.Start(s_start);
        Assert.True(StunMessage.TryRead(Transmit(client), out StunMessage sent));
        var error = new StunWriter(_answer, StunClass.ErrorResponse, StunMethod.Binding, sent.TransactionId);
        error.WriteErrorCode(500);
        Assert.True(Handle(client, s_start, error.Written));
        Assert.Equal((BindingState.Refused, 500), (client.State, client.ErrorCode));

        client.Start(s_start);
        Assert.True(StunMessage.TryRead(Transmit(client), out sent));
        var strange = new StunWriter(_answer, StunClass.SuccessResponse, StunMethod.Binding, sent.TransactionId);
        strange.WriteMappedAddress(s_source);
        strange.Write((StunAttributeType)0x0011, []);
        Assert.True(Handle(client, s_start, strange.Written));
        Assert.Equal((BindingState.Refused, 0), (client.State, client.ErrorCode));
    }

    [Theory]
    [InlineData(StunIntegrity.Sha1)]
    [InlineData(StunIntegrity.Sha256)]
    [InlineData(StunIntegrity.Both)]
    public void AnAnswerIsNeverLongerThanARequestOfOurs(StunIntegrity integrity)
    {
        foreach (StunCredential? credential in (StunCredential?[])[null, _credential])
        {
            var client = new BindingClient(new SeededRandom(1), reliable: false, credential, new BindingSettings { Integrity = integrity });
            client.Start(s_start);
            byte[] request = Transmit(client);

            NewServer().Answer(request, s_source6, _answer, out int length, out _);

            Assert.InRange(length, 1, request.Length);
            Assert.True(Handle(client, s_start, _answer.AsSpan(0, length)));
            Assert.Equal(BindingState.Succeeded, client.State);
        }
    }

    [Fact]
    public void NoRequestCausesMoreThanTheStatedAmplification()
    {
        double worst = 0;
        byte[] buffer = new byte[600];
        for (int unknown = 0; unknown < 64; unknown++)
        {
            for (int name = 0; name <= 9; name += 3)
            {
                for (int variant = 0; variant < 8; variant++)
                {
                    var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 1));
                    for (int i = 0; i < unknown; i++)
                        writer.Write((StunAttributeType)(0x0100 + i), []);
                    if (name > 0)
                        writer.Write(StunAttributeType.Username, "evtj:h6vY"u8[..name]);
                    writer.WriteIntegrity(_credential, (StunIntegrity)(variant & 3));
                    if (variant > 3)
                        writer.WriteFingerprint();

                    NewServer().Answer(writer.Written, s_source6, _answer, out int length, out _);
                    worst = Math.Max(worst, (double)length / writer.Length);
                }
            }
        }

        Assert.Equal(BindingServer.LargestAmplification, worst, 3);
    }

    [Fact]
    public void WhatIsNoBindingRequestIsNotAnswered()
    {
        BindingServer server = NewServer();

        AssertIgnored(server, []);
        AssertIgnored(server, new byte[1_200]);
        AssertIgnored(server, NewAnswer(StunClass.SuccessResponse, default, null));
        AssertIgnored(server, NewAnswer(StunClass.Indication, default, null));
        AssertIgnored(server, new StunWriter(_request, StunClass.Request, (StunMethod)3, default).Written);

        byte[] damaged = Convert.FromHexString(PublishedExamplesTests.Request);
        damaged[^1] ^= 1;
        AssertIgnored(server, damaged);
    }

    [Theory]
    [InlineData("evtj:h6vY", "another key", 401)]
    [InlineData("nobody", "VOkJxbRl1RmTxUk/WvJxBt", 401)]
    [InlineData("", "VOkJxbRl1RmTxUk/WvJxBt", 400)]
    [InlineData("evtj:h6vY", "", 400)]
    public void ARequestWithoutTheRightCredentialIsRefusedAndTheAnswerIsNotProtected(string name, string key, int code)
    {
        using StunCredential? credential = key.Length == 0 ? null : new StunCredential(OpenSslCrypto.Instance, "x"u8, System.Text.Encoding.UTF8.GetBytes(key));
        var writer = new StunWriter(_request, StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 1));
        if (name.Length > 0)
            writer.Write(StunAttributeType.Username, System.Text.Encoding.UTF8.GetBytes(name));
        if (credential is not null)
            writer.WriteIntegrity(credential, StunIntegrity.Sha256);

        BindingVerdict verdict = NewServer().Answer(writer.Written, s_source, _answer, out int length, out StunCredential? who);

        Assert.Equal(BindingVerdict.Refused, verdict);
        Assert.Null(who);
        Assert.True(StunMessage.TryRead(_answer.AsSpan(0, length), out StunMessage answer));
        Assert.True(answer.TryReadErrorCode(out int answered));
        Assert.Equal(code, answered);
        Assert.Equal(StunIntegrity.None, answer.Integrity);
    }

    [Fact]
    public void WhereACredentialIsRequiredNobodyElseIsAnswered()
    {
        var server = new BindingServer(name => _credential, required: true);
        var bare = new StunWriter(_request, StunClass.Request, StunMethod.Binding, default);

        Assert.Equal(BindingVerdict.Refused, server.Answer(bare.Written, s_source, _answer, out _, out _));
    }

    [Fact]
    public void UnknownAttributesAreNamedInARefusalThatIsProtected()
    {
        var writer = new StunWriter(_request, StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 1));
        writer.Write((StunAttributeType)0x0024, new byte[4]);
        writer.Write((StunAttributeType)0x8029, new byte[8]);
        writer.Write(StunAttributeType.Username, _credential.Username);
        writer.WriteIntegrity(_credential, StunIntegrity.Sha1);

        BindingVerdict verdict = NewServer().Answer(writer.Written, s_source, _answer, out int length, out _);

        Assert.Equal(BindingVerdict.Refused, verdict);
        Assert.True(StunMessage.TryRead(_answer.AsSpan(0, length), out StunMessage answer));
        Assert.True(answer.TryReadErrorCode(out int code));
        Assert.Equal(420, code);
        Assert.True(answer.TryFind(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> unknown));
        Assert.Equal([0x00, 0x24], unknown.ToArray());
        Assert.Equal(StunIntegrity.Sha1, answer.Integrity);
        Assert.True(answer.Verify(_credential));
    }

    [Fact]
    public void ATransactionAllocatesNothing()
    {
        var client = new BindingClient(new Counter(), reliable: false, _credential);
        BindingServer server = NewServer();
        void Transact()
        {
            client.Start(s_start);
            client.TryPollTransmit(_request, out int length);
            server.Answer(_request.AsSpan(0, length), s_source6, _answer, out length, out _);
            Assert.True(StunMessage.TryRead(_answer.AsSpan(0, length), out StunMessage message) && client.HandleMessage(s_start, message));
        }
        Transact();

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                Transact();
        });

        Assert.Equal(0, allocated);
    }

    public void Dispose() => _credential.Dispose();

    private BindingServer NewServer() => new(name => name.SequenceEqual(_credential.Username) ? _credential : null);

    private byte[] Transmit(BindingClient client)
    {
        Assert.True(client.TryPollTransmit(_request, out int length));
        return _request[..length];
    }

    private static bool Handle(BindingClient client, Instant now, ReadOnlySpan<byte> answer)
    {
        Assert.True(StunMessage.TryRead(answer, out StunMessage message));
        return client.HandleMessage(now, message);
    }

    private static byte[] NewAnswer(StunClass answer, StunTransactionId id, StunCredential? credential)
    {
        var writer = new StunWriter(new byte[200], answer, StunMethod.Binding, id);
        writer.WriteMappedAddress(s_source);
        if (credential is not null)
            writer.WriteIntegrity(credential, StunIntegrity.Sha256);
        return writer.Written.ToArray();
    }

    private void AssertIgnored(BindingServer server, ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(BindingVerdict.Ignored, server.Answer(datagram, s_source, _answer, out int length, out _));
        Assert.Equal(0, length);
    }

    private sealed class Counter : Crypto.IRandom
    {
        private byte _next;

        public void Fill(Span<byte> bytes) => bytes.Fill(_next++);
    }
}
