using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using RoomAgent.Agent.Ports;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Account;

/// <summary>
/// All that the device keeps about its hub and its account, in one piece, so that a power cut leaves one of two states that both make sense.
/// Each step writes the record before it acts on what it has learnt. The device's keys are apart (<see cref="IDeviceKeys"/>).
/// </summary>
internal sealed record CloudRecord
{
    /// <summary>The hub's address.</summary>
    public string? Hub { get; init; }

    /// <summary>SHA-256 of the hub's identity key, once somebody has vouched for it.</summary>
    public byte[]? HubKeyHash { get; init; }

    /// <summary>The number of the hub's last move that was followed.</summary>
    public ulong Move { get; init; }

    /// <summary>The number of the device's key; 0 before there is one.</summary>
    public int Key { get; init; }

    /// <summary>The key that is taking its place: from now on the hub may know either.</summary>
    public int? NextKey { get; init; }

    /// <summary>An activation code that has not given an account yet.</summary>
    public string? ActivationCode { get; init; }

    /// <summary>A code that is shown.</summary>
    public ShownCode? Shown { get; init; }

    /// <summary>What an entered code gave: the right to register.</summary>
    public RegistrationRight? Right { get; init; }

    /// <summary>The account.</summary>
    public MachineAccount? Account { get; init; }

    /// <summary>What registering gave for the first pair of tokens.</summary>
    public string? PairingGrant { get; init; }

    /// <summary>The tokens.</summary>
    public TokenPair? Tokens { get; init; }

    /// <summary>Whether the device is to tell the hub that it leaves.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Why there is no account any more.</summary>
    public UnpairedReason? Unpaired { get; init; }

    /// <summary>Whether it can have been written by us: a hub has an address, what belongs to an account comes with one.</summary>
    [JsonIgnore]
    public bool IsConsistent =>
        (Hub is null ? HubKeyHash is null && Account is null : HubAddress.Read(Hub)?.Url == Hub)
        && HubKeyHash is null or { Length: SHA256.HashSizeInBytes }
        && (Account is not null || (Tokens is null && PairingGrant is null && NextKey is null && !IsLeaving))
        && Key >= 0;

    /// <summary>Only what has come so far, never what is in it.</summary>
    public override string ToString() => Tokens is not null ? "tokens" : Account is not null ? "account" : Hub is not null ? "hub" : "nothing";

    /// <summary>The hub alone: no account and nothing that leads to one.</summary>
    public CloudRecord WithoutAccount() => new() { Hub = Hub, HubKeyHash = HubKeyHash, Move = Move, Key = Key };
}

/// <summary>A code on the display (RFC 8628), with the digits that belong to it.</summary>
internal sealed record ShownCode(string DeviceCode, string UserCode, string Page, string PageWithCode, string Digits, DateTimeOffset ExpiresAt, int PauseSeconds)
{
    public override string ToString() => "(shown code)";
}

/// <summary>The right to register that an entered code gave.</summary>
internal sealed record RegistrationRight(string Token)
{
    public override string ToString() => "(registration right)";
}

/// <summary>An account.</summary>
internal sealed record MachineAccount(string Client, string RegistrationToken, string OrganisationId, string Organisation, string DnsName)
{
    public override string ToString() => Client;
}

/// <summary>A pair of tokens.</summary>
/// <param name="Access">The access token.</param>
/// <param name="From">Since when it is good.</param>
/// <param name="Until">Until when.</param>
/// <param name="Refresh">The refresh token.</param>
/// <param name="Previous">The refresh token that this pair was asked for with: good until <paramref name="Refresh"/> has been used.</param>
internal sealed record TokenPair(string Access, DateTimeOffset From, DateTimeOffset Until, string Refresh, string? Previous = null)
{
    public override string ToString() => $"(tokens until {Until:u})";
}

[JsonSerializable(typeof(CloudRecord))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class CloudRecordJson : JsonSerializerContext;

/// <summary>The record in its vault.</summary>
internal sealed class CloudMemory(IVault vault)
{
    private const string Name = "cloud";

    /// <summary>Reads the record. One that cannot be read is as none, which <paramref name="isUnreadable"/> says.</summary>
    public CloudRecord Read(out bool isUnreadable)
    {
        isUnreadable = false;
        if (vault.Read(Name) is not { } kept)
            return new CloudRecord();

        try
        {
            if (JsonSerializer.Deserialize(kept, CloudRecordJson.Default.CloudRecord) is { IsConsistent: true } record)
                return record;
        }
        catch (JsonException)
        {
            // As below.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(kept);
        }

        isUnreadable = true;
        return new CloudRecord();
    }

    /// <summary>Writes the record.</summary>
    /// <exception cref="IOException">The storage is full or broken; the one before is still there.</exception>
    public void Write(CloudRecord record)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(record, CloudRecordJson.Default.CloudRecord);
        try
        {
            vault.Write(Name, content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
