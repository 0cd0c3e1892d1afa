namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>The table of pages.</summary>
internal static class AnyPage
{
    public static void Compose(Page page)
    {
        switch (page.Contents.Scene)
        {
            case PairingScene pairing:
                PairingPage.Compose(page, pairing);
                break;
            case SetupScene:
                QuietPages.Setup(page);
                break;
            case HubWordsScene words:
                QuietPages.HubWords(page, words);
                break;
            case RegisteringScene:
                QuietPages.Registering(page);
                break;
            case ClaimedScene claimed:
                QuietPages.Claimed(page, claimed);
                break;
            case WhichRoomScene:
                QuietPages.WhichRoom(page);
                break;
            case CountdownScene countdown:
                QuietPages.Countdown(page, countdown);
                break;
            case IdleScene idle:
                IdlePage.Compose(page, idle);
                break;
            case WaitingScene waiting:
                QuietPages.Waiting(page, waiting);
                break;
            case MeetingScene meeting:
                MeetingPage.Compose(page, meeting);
                break;
            case ReconnectingScene reconnecting:
                QuietPages.Reconnecting(page, reconnecting);
                break;
            case LeftScene left:
                QuietPages.Left(page, left);
                break;
            case TroubleScene trouble:
                QuietPages.InTrouble(page, trouble);
                break;
            default:
                QuietPages.Starting(page);
                break;
        }
        Overlays.Compose(page);
    }
}
