using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Tests.Diagnostics;

public sealed class MailboxTests
{
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task MessagesComeOutInTheirOrder()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Post("one");
        mailbox.Post("two");

        await using IAsyncEnumerator<string> messages = mailbox.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await messages.MoveNextAsync());
        Assert.Equal("one", messages.Current);
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal("two", messages.Current);
    }

    [Fact]
    public async Task APingIsAnsweredOnlyWhenTheReaderIsDoneWithWhatCameBefore()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Post("work");
        Task answer = mailbox.PingAsync();

        await using IAsyncEnumerator<string> messages = mailbox.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await messages.MoveNextAsync());

        // The reader has the message and works on it: no answer yet.
        Assert.False(answer.IsCompleted);

        // It comes back for more.
        ValueTask<bool> next = messages.MoveNextAsync();
        await answer.WaitAsync(s_enough, TestContext.Current.CancellationToken);
        mailbox.Post("more");
        Assert.True(await next);
    }

    [Fact]
    public async Task CancellationEndsTheReadingWithoutAnException()
    {
        var mailbox = new Mailbox<string>();
        using var stopping = new CancellationTokenSource();
        Task<int> reader = CountAsync(mailbox, stopping.Token);
        mailbox.Post("one");
        await mailbox.PingAsync().WaitAsync(s_enough, TestContext.Current.CancellationToken);

        await stopping.CancelAsync();

        Assert.Equal(1, await reader.WaitAsync(s_enough, TestContext.Current.CancellationToken));
    }

    private static async Task<int> CountAsync(Mailbox<string> mailbox, CancellationToken stopping)
    {
        int count = 0;
        await foreach (string _ in mailbox.ReadAllAsync(stopping))
            count++;
        return count;
    }
}
