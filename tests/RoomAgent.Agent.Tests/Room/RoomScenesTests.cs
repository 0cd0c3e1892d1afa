using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Room;

/// <summary>Each way in which a room can stand has something to see, and the right thing.</summary>
public sealed class RoomScenesTests
{
    private static readonly ScreenLook s_look = new() { Language = "de" };

    [Fact]
    public void TheStatesOfTheAccountAreAllWalked()
    {
        IEnumerable<Type> all = typeof(CloudState).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(CloudState)));

        Assert.Equal(all.OrderBy(type => type.Name), Standing.Accounts.Select(state => state.GetType()).Distinct().OrderBy(type => type.Name));
    }

    [Fact]
    public void EveryPhaseAccountAndStageHasAScene()
    {
        foreach (DevicePhase phase in Enum.GetValues<DevicePhase>())
        {
            foreach (CloudState account in Standing.Accounts)
            {
                RoomStatus status = Standing.Ready with { Phase = phase, Account = account };
                ScreenContents contents = RoomScenes.Of(status, s_look);
                Assert.Equal(("Library", s_look), (contents.RoomName, contents.Look));

                foreach (MeetingStage stage in Enum.GetValues<MeetingStage>())
                {
                    RoomScene scene = Scene(status with { Meeting = Standing.InMeeting(2, stage).Meeting });

                    // Whatever becomes of the account, people see the meeting that they are in.
                    Assert.Equal(ExpectedOf(stage), scene.GetType());
                }
            }
        }
    }

    [Fact]
    public void ARoomWithoutAnAccountShowsWhatItNeeds()
    {
        foreach (DevicePhase phase in (DevicePhase[])[DevicePhase.Unpaired, DevicePhase.Pairing, DevicePhase.Revoked])
        {
            foreach (CloudState account in Standing.Accounts)
            {
                Assert.Equal(ExpectedOf(account), Scene(Standing.Ready with { Phase = phase, Account = account }) switch
                {
                    TroubleScene trouble => trouble.What,
                    RoomScene other => other.GetType(),
                });
            }
        }
    }

    [Fact]
    public void TheCodeIsShownWithItsDigitsAndTheWordsOfTheHub()
    {
        var account = (CloudState.Pairing)Standing.Accounts.Single(state => state is CloudState.Pairing);

        var scene = (PairingScene)Scene(new RoomStatus { Phase = DevicePhase.Pairing, Account = account });

        Assert.Equal((account.Code, account.Page, account.PageWithCode, account.ExpiresAt), (scene.Code, scene.Address, scene.ScanAddress, scene.ValidUntil));
        Assert.Equal((account.Digits, account.Words), (scene.Digits, scene.HubWords));
    }

    [Fact]
    public void ACountdownLiesOverTheDayAndSaysHowTheMeetingIsProtected()
    {
        var end = (CountdownScene)Scene(Standing.Ready with { Countdown = new Countdown(Standing.Occurrence("a"), Standing.Ten) });
        var hop = (CountdownScene)Scene(Standing.Ready with { Countdown = new Countdown(Standing.Occurrence("b", MeetingClass.Encrypted), Standing.Ten), JoinsUnmuted = true });

        Assert.Equal(new CountdownScene("a", Standing.Ten, MeetingProtection.EndToEndEncrypted), end);
        Assert.Equal(new CountdownScene("b", Standing.Ten, MeetingProtection.Encrypted) { IsOnAtOnce = true }, hop);
    }

    [Fact]
    public void AMeetingOfAnotherServiceIsShownAsOneThatCannotBeJoined()
    {
        Occurrence elsewhere = Standing.Occurrence("call") with { Policy = null, Elsewhere = "Microsoft Teams" };

        var scene = (IdleScene)Scene(Standing.Ready with { Calendar = [Standing.Occurrence("planning"), elsewhere], DoNotDisturbUntil = Standing.Ten });

        Assert.Equal(["", "Microsoft Teams"], scene.Today.Select(entry => entry.Elsewhere));
        Assert.Equal(Standing.Ten, scene.DoNotDisturbUntil);
    }

    [Fact]
    public void ADeviceOfNoRoomAsksWhichOneItIs() => Assert.IsType<WhichRoomScene>(Scene(Standing.Ready with { IsWithoutRoom = true }));

    [Fact]
    public void AClaimIsShownAlsoToADeviceThatIsReady() =>
        Assert.Equal(new ClaimedScene("Northgate School"), Scene(Standing.Ready with { Account = new CloudState.Claimed("Northgate School") }));

    [Fact]
    public void TheOthersHaveTilesWhichTheirPicturesFind()
    {
        var scene = (MeetingScene)Scene(Standing.InMeeting(3));

        Assert.Equal([RoomScenes.TileOf(1, FrameContext.Camera), RoomScenes.TileOf(2, FrameContext.Camera), RoomScenes.TileOf(3, FrameContext.Camera)], scene.Tiles.Select(tile => tile.Id));
        Assert.Equal(RoomScenes.SelfView, scene.SelfView);
    }

    [Fact]
    public void NoTwoTilesAreTheSame()
    {
        TileId[] tiles = [.. Enumerable.Range(0, 1 << 10).SelectMany(leaf => Enum.GetValues<FrameContext>().Select(context => RoomScenes.TileOf(leaf, context))), RoomScenes.SelfView];

        Assert.Distinct(tiles);
    }

    [Fact]
    public void WhoWasNotHeardOfForLongIsMarkedAndWarnedOf()
    {
        RoomStatus silent = Standing.InMeeting(2).With(meeting => meeting.WithLast(member => member with { IsConfirmed = false, IsSilent = true }));
        RoomStatus alarm = silent.With(meeting => meeting.WithLast(member => member with { IsSilentForLong = true }));

        Assert.Equal([false, true], ((MeetingScene)Scene(silent)).Tiles.Select(tile => tile.IsNotConfirmed));
        Assert.Null(RoomScenes.Of(silent, s_look).Notice);
        Assert.Equal(Trouble.MemberNotConfirmed, RoomScenes.Of(alarm, s_look).Notice);
    }

    [Theory]
    [InlineData(CodeStatus.Current, false, false)]
    [InlineData(CodeStatus.Changing, true, false)]
    [InlineData(CodeStatus.Frozen, false, true)]
    public void TheCodeSaysWhetherItIsChangingOrHeld(CodeStatus shown, bool isChanging, bool isHeld)
    {
        var derived = RoomAgent.Meetings.SecurityCode.Derive(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256, 7, ByteString.Owning([1]), new byte[32]);

        var scene = (MeetingScene)Scene(Standing.InMeeting(2).With(meeting => meeting with { Code = new ShownCode(shown, derived, 3) }));

        Assert.Equal((isChanging, isHeld, 7UL, 3), (scene.Code!.IsChanging, scene.Code.IsHeld, scene.Code.Epoch, scene.Code.Members));
        Assert.Equal(derived.Full, string.Join(' ', scene.Code.Groups));
        Assert.Null(((MeetingScene)Scene(Standing.InMeeting(2).With(meeting => meeting with { Code = new ShownCode(CodeStatus.None, derived, 3) }))).Code);
    }

    [Fact]
    public void TheWorstNoticeComesFirst()
    {
        RoomStatus booked = Standing.InMeeting(2) with { NextBookingInMinutes = 5 };
        RoomStatus forked = booked.With(meeting => meeting with { IsForked = true });

        Assert.Equal(Trouble.NextBookingInFiveMinutes, RoomScenes.Of(booked, s_look).Notice);
        Assert.Equal(Trouble.NextBookingInOneMinute, RoomScenes.Of(booked with { NextBookingInMinutes = 1 }, s_look).Notice);
        Assert.Equal(Trouble.MembersDisagree, RoomScenes.Of(forked, s_look).Notice);
    }

    [Fact]
    public void WhatTheServiceDoesAgainstTheMeetingIsSaid()
    {
        RoomStatus withheld = Standing.InMeeting(2).With(meeting => meeting with { IsDecisionOpen = true });
        RoomStatus other = Standing.InMeeting(2).With(meeting => meeting with { Differences = RoomAgent.Meetings.PolicyDifferences.Hosts });
        RoomStatus behind = Standing.InMeeting(2, MeetingStage.Reconnecting).With(meeting => meeting with { IsServiceBehind = true });

        Assert.Equal(Trouble.DecisionNotDone, RoomScenes.Of(withheld, s_look).Notice);
        Assert.Equal(Trouble.NotAsInvited, RoomScenes.Of(other, s_look).Notice);
        Assert.Equal(Trouble.MeetingLostByHub, RoomScenes.Of(behind, s_look).Notice);
    }

    [Theory]
    [InlineData(true, Trouble.SomebodyWaits)]
    [InlineData(false, null)]
    public void ARoomThatIsHostSaysThatSomebodyWaitsAndAnotherDoesNot(bool isHost, Trouble? notice)
    {
        RoomStatus status = Standing.InMeeting(2).With(meeting => meeting with { IsHost = isHost, Waiting = [new WaitingStatus(meeting.Members[1].Who, "Ada", IdentityVerdict.Unverified)] });

        Assert.Equal(notice, RoomScenes.Of(status, s_look).Notice);
    }

    [Fact]
    public void ARoomThatWasPutOutSaysSoAndOneThatLeftDoesNot()
    {
        RoomStatus left = Standing.InMeeting(2, MeetingStage.Ended);
        RoomStatus removed = left.With(meeting => meeting with { Trouble = Trouble.RemovedFromMeeting });

        Assert.Equal(new LeftScene("planning"), Scene(left));
        Assert.Equal(Trouble.RemovedFromMeeting, ((TroubleScene)Scene(removed)).What);
    }

    [Fact]
    public void AMeetingThatTheServiceCouldListenToIsNeverShownAsEndToEnd()
    {
        foreach (MeetingStage stage in Enum.GetValues<MeetingStage>())
        {
            RoomScene scene = Scene(Standing.InMeeting(2, stage).With(meeting => meeting with { IsEndToEnd = false }));

            Assert.NotEqual(MeetingProtection.EndToEndEncrypted, scene switch { MeetingScene meeting => meeting.Protection, WaitingScene waiting => waiting.Protection, _ => MeetingProtection.Encrypted });
        }
    }

    private static RoomScene Scene(RoomStatus status) => RoomScenes.Of(status, s_look).Scene;

    private static Type ExpectedOf(MeetingStage stage) => stage switch
    {
        MeetingStage.Member => typeof(MeetingScene),
        MeetingStage.Reconnecting => typeof(ReconnectingScene),
        MeetingStage.Leaving or MeetingStage.Ended => typeof(LeftScene),
        _ => typeof(WaitingScene),
    };

    private static object ExpectedOf(CloudState account) => account switch
    {
        CloudState.NoHub => typeof(SetupScene),
        CloudState.HubUnknown => typeof(HubWordsScene),
        CloudState.HubRefused => Trouble.HubRefused,
        CloudState.Pairing => typeof(PairingScene),
        CloudState.Claimed => typeof(ClaimedScene),
        CloudState.Unreachable => Trouble.HubUnreachable,
        CloudState.StorageFailed => Trouble.StorageFull,
        CloudState.Unpaired => Trouble.NotPaired,
        _ => typeof(RegisteringScene),
    };
}
