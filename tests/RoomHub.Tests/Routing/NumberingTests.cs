using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;

namespace RoomHub.Tests.Routing;

/// <summary>The receiver sees no gap where the node chose to send nothing, and every gap that is a loss.</summary>
public sealed class NumberingTests
{
    private readonly OutgoingStream _stream = new(new IncomingStream(null!, new StreamPlan(StreamKind.Camera, 96, 97), new Ssrc(1)), null!);

    [Fact]
    public void NumbersFollowOneAnotherOverAPause()
    {
        _stream.Resume();
        int[] first = Forward(100, 101, 102);
        _stream.Pause();
        int[] paused = Forward(103, 104, 105);
        _stream.Resume();
        int[] second = Forward(106, 107);

        Assert.Equal([1, 2, 3], first);
        Assert.Empty(paused);
        Assert.Equal([4, 5], second);
    }

    [Fact]
    public void ALossOfTheSendersStaysALoss()
    {
        _stream.Resume();

        Assert.Equal([1, 2, 5, 3], Forward(100, 101, 104, 102));
    }

    [Fact]
    public void WhatBelongsToBeforeTheResumeIsNotForwarded()
    {
        _stream.Resume();
        Forward(100);
        _stream.Pause();
        Forward(101);
        _stream.Resume();

        Assert.Equal([2, 3], Forward(102, 101, 103, 99));
    }

    [Fact]
    public void ForwardingBeginsWithTheStartOfAFrame()
    {
        _stream.Resume();

        Assert.False(_stream.TryNumber(new SequenceNumber(10), startsFrame: false, out _));
        Assert.True(_stream.TryNumber(new SequenceNumber(11), startsFrame: true, out SequenceNumber forwarded));
        Assert.Equal(1, forwarded.Value);
    }

    [Theory]
    [InlineData(32_767)]
    [InlineData(32_768)]
    [InlineData(32_769)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(100_000)]
    public void APauseOfAnyLengthLeavesNoTrace(int length)
    {
        _stream.Resume();
        Forward(7);
        _stream.Pause();
        _stream.Resume();

        int first = 7 + length;
        Assert.Equal([2, 3, 4], Forward(first, first - 1, first - 2, first + 1, first + 2));
    }

    [Fact]
    public void OnlyWhatWasForwardedSinceTheResumeHasAnOriginal()
    {
        _stream.Resume();
        Forward(100, 101);
        _stream.Pause();
        _stream.Resume();
        Assert.False(_stream.TryOriginal(new SequenceNumber(3), out _));
        Forward(200, 203);

        Assert.Equal([null, null, 200, 201, 202, 203, null, null], Enumerable.Range(1, 8).Select(Original));

        int? Original(int forwarded) => _stream.TryOriginal(new SequenceNumber((ushort)forwarded), out SequenceNumber original) ? original.Value : null;
    }

    [Fact]
    public void EverySenderAndEveryPauseGivesWhatTheModelGives() =>
        Prop.ForAll<int>(seed =>
        {
            // The model knows numbers without end: what is forwarded runs on by one from resume to resume, shifted by a constant in between.
            var random = new Random(seed);
            var stream = new OutgoingStream(new IncomingStream(null!, new StreamPlan(StreamKind.Camera, 96, 97), new Ssrc(1)), null!);
            using var sender = new SrtpSender(OpenSslCrypto.Instance, SrtpProfile.AeadAes128Gcm, new byte[28]);
            using var receiver = new SrtpReceiver(OpenSslCrypto.Instance, SrtpProfile.AeadAes128Gcm, new byte[28]);
            long sent = random.Next(65_536) + 65_536L;
            long forwarded = 0;
            for (int round = 0; round < 40; round++)
            {
                sent += random.Next(4) == 0 ? random.Next(200_000) : random.Next(50);
                stream.Resume();
                long begin = sent;
                long shift = forwarded + 1 - begin;
                long newest = begin - 1;
                for (int i = 0; i < 60; i++)
                {
                    // Mostly the next one; sometimes a gap, sometimes one that was overtaken, now and then one from before the pause.
                    long number = i == 0 ? begin : random.Next(10) switch
                    {
                        0 => newest + 2 + random.Next(1_000),
                        1 => newest - random.Next(100),
                        _ => newest + 1,
                    };
                    bool isForwarded = stream.TryNumber(new SequenceNumber((ushort)number), startsFrame: true, out SequenceNumber given);
                    if (isForwarded != number >= begin || (isForwarded && given.Value != (ushort)(number + shift)))
                        return false;
                    if (isForwarded && number > newest && !Passes(sender, receiver, given))
                        return false;
                    newest = Math.Max(newest, number);
                }

                forwarded = newest + shift;
                sent = newest + 1;
                stream.Pause();
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheRollOverHoldsAfterManyPauses()
    {
        using var sender = new SrtpSender(OpenSslCrypto.Instance, SrtpProfile.AeadAes256Gcm, new byte[44]);
        using var receiver = new SrtpReceiver(OpenSslCrypto.Instance, SrtpProfile.AeadAes256Gcm, new byte[44]);
        int sequence = 60_000;
        for (int i = 0; i < 2_000; i++)
        {
            _stream.Resume();
            for (int j = 0; j < 100; j++)
            {
                Assert.True(_stream.TryNumber(new SequenceNumber((ushort)sequence++), startsFrame: true, out SequenceNumber forwarded));
                Assert.True(Passes(sender, receiver, forwarded));
            }

            _stream.Pause();
            sequence += 33_333;
        }
    }

    private static bool Passes(SrtpSender sender, SrtpReceiver receiver, SequenceNumber number)
    {
        byte[] packet = new byte[64];
        var header = new RtpHeader { Sequence = number, Ssrc = new Ssrc(1) };
        header = header with { Length = header.Write(packet) };
        return sender.TryProtect(packet, header, [1, 2], out int length) && receiver.TryUnprotect(packet.AsSpan(0, length), header, out _) == SrtpOutcome.Opened;
    }

    private int[] Forward(params int[] numbers) =>
        [.. numbers.Where(number => _stream.TryNumber(new SequenceNumber((ushort)number), startsFrame: true, out _last)).Select(_ => (int)_last.Value)];

    private SequenceNumber _last;
}
