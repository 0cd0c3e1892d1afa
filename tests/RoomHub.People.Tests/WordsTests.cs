using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Tests;

/// <summary>Which mailboxes and passwords are taken.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("alice@school.example", "alice@school.example")]
    [InlineData(" Alice.B+c@School.Example ", "alice.b+c@school.example")]
    [InlineData("a@b.c-d.ef", "a@b.c-d.ef")]
    [InlineData("a@b", null)]
    [InlineData("@b.example", null)]
    [InlineData("a@@b.example", null)]
    [InlineData("a b@c.example", null)]
    [InlineData(".a@c.example", null)]
    [InlineData("a..b@c.example", null)]
    [InlineData("a@-c.example", null)]
    [InlineData("a@c-.example", null)]
    [InlineData("a@c..example", null)]
    [InlineData("a@c.1", null)]
    [InlineData("a@c.example\n", null)]
    [InlineData("ä@c.example", null)]
    [InlineData("\"a\"@c.example", null)]
    [InlineData(null, null)]
    public void MailboxesHaveOneForm(string? text, string? read) => Assert.Equal(read, Mailbox.Read(text));

    [Fact]
    public void NoTextTakesLong()
    {
        foreach (string text in (string[])[new string('a', 254), string.Concat(Enumerable.Repeat("a.", 127)), "a@" + string.Concat(Enumerable.Repeat("a-", 120)), "a@" + string.Concat(Enumerable.Repeat("a.", 120)) + "-"])
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            Assert.Null(Mailbox.Read(text));
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1), text);
        }
    }

    [Theory]
    [InlineData("correct horse battery staple", true)]
    [InlineData("seven small green violins", true)]
    [InlineData("kV7#qz!Rt9@w", true)]
    [InlineData("384-119-720-556", true)]
    [InlineData("elevenchars", false)]
    [InlineData("aaaaaaaaaaaa", false)]
    [InlineData("abcabcabcabc", false)]
    [InlineData("passwordpassword", false)]
    [InlineData("P4ssw0rd!2026", false)]
    [InlineData("Welcome12345!", false)]
    [InlineData("qwertyuiop12", false)]
    [InlineData("1qaz2wsx3edc", false)]
    [InlineData("abcdefghijklmn", false)]
    [InlineData("210987654321", false)]
    [InlineData("Alice.School1!", false)]
    [InlineData("riverside2026", false)]
    public void WhatIsGuessedFirstIsRefused(string password, bool isGood) =>
        Assert.Equal(isGood, PasswordRules.Fault(password, "alice@school.example", "Alice Example", "Riverside School") is null);

    [Fact]
    public void NoTextAtAllFails() => Prop.ForAll<string?, string?>((password, about) =>
    {
        _ = PasswordRules.Fault(password, about, null);
        return Mailbox.Read(password) is not { } read || Mailbox.Read(read) == read;
    }).QuickCheckThrowOnFailure();
}
