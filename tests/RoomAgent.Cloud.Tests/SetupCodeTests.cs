using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Cloud.Trust;
using HubCode = RoomAgent.Hub.Devices.ActivationCode;
using HubForm = RoomAgent.Hub.Devices.ActivationCodeForm;
using HubSetup = RoomAgent.Hub.Identity.SetupCode;

namespace RoomAgent.Cloud.Tests;

/// <summary>What the hub writes is what a device reads.</summary>
public sealed class SetupCodeTests
{
    private static readonly Hub.Identity.HubAddress s_hub = Hub.Identity.HubAddress.Read("https://hub.example.org:8443")!;

    [Fact]
    public void WhatTheHubWritesIsRead()
    {
        for (int i = 0; i < 100; i++)
        {
            byte[] key = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
            HubCode code = HubCode.Generate(HubForm.Letters);

            SetupCode? read = SetupCode.Read($"  {new HubSetup(s_hub, key, code).Reveal()}\r\n");

            Assert.NotNull(read);
            Assert.Equal(s_hub.Url, read.Address.Url);
            Assert.Equal(key, read.KeyHash);
            Assert.Equal(code.Reveal(), read.Code.Reveal());
        }
    }

    [Fact]
    public void AnyMistakeIsNoticed()
    {
        string text = new HubSetup(s_hub, new byte[32], HubCode.Generate(HubForm.Letters)).Reveal();
        for (int at = 0; at < text.Length; at++)
        {
            char other = text[at] == 'x' ? 'y' : 'x';
            Assert.Null(SetupCode.Read($"{text[..at]}{other}{text[(at + 1)..]}"));
            Assert.Null(SetupCode.Read(text[..at]));
            Assert.Null(SetupCode.Read(text.Remove(at, 1)));
        }

        Assert.Null(SetupCode.Read(text + "/"));
        Assert.Null(SetupCode.Read(null));
    }

    [Fact]
    public void CodesAreReadAsPeopleTypeThem()
    {
        for (int i = 0; i < 100; i++)
        {
            HubCode letters = HubCode.Generate(HubForm.Letters);
            Assert.Equal(letters.Reveal(), ActivationCode.Read(letters.RevealGrouped().ToLowerInvariant().Replace('0', 'o').Replace('1', 'l'))?.Reveal());
            HubCode digits = HubCode.Generate(HubForm.Digits);
            Assert.Equal(digits.Reveal(), ActivationCode.Read(digits.RevealGrouped())?.Reveal());
        }
    }

    [Fact]
    public void TheWordsAreThoseOfTheHub() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>().Filter(bytes => bytes.Length >= 12),
        key => HubWords.Of(key) == string.Join('-', Hub.Identity.HubFingerprint.Words(key))).QuickCheckThrowOnFailure();

    [Fact]
    public void NoTextBreaksTheReaders() => Prop.ForAll<string>(text =>
    {
        SetupCode.Read(text);
        SetupCode.Read("roomagent-setup:1:" + text);
        ActivationCode.Read(text);
        HubAddress.Read(text);
        return HubAddress.Read("https://" + text) is null == Hub.Identity.HubAddress.Read("https://" + text) is null;
    }).QuickCheckThrowOnFailure();
}
