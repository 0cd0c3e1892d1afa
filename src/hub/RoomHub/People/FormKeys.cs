using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using RoomAgent.Crypto;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>The framework's data protection keys, with which the tokens of forms are made, in the database: all hubs have the same, and so has the next start.</summary>
/// <remarks>The framework asks without <c>async</c>, a few times in a process's life.</remarks>
internal sealed class FormKeys(Database database, TimeProvider clock) : IXmlRepository
{
    // One is made every 90 days.
    private const int MostKeys = 1_000;

    public IReadOnlyCollection<XElement> GetAllElements() => database.ReadAsync(
        transaction => transaction.AllAsync($"SELECT element FROM form_key ORDER BY created_at DESC, id LIMIT {MostKeys}", row => XElement.Parse(row.Text(0)))).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName)
    {
        string text = element.ToString(SaveOptions.DisableFormatting);
        string id = Guid.NewGuid().ToString("D");
        database.WriteAsync(transaction => transaction.ExecuteAsync($"INSERT INTO form_key (id, created_at, element) VALUES ({id}, {clock.GetUtcNow()}, {text})")).GetAwaiter().GetResult();
    }
}

/// <summary>Wraps the secret part of such a key with the hub's secret, so that a copy of the database makes no tokens.</summary>
internal sealed class FormKeyEncryptor(HubSecret secret) : IXmlEncryptor
{
    public const string Name = "form key";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        byte[] wrapped = secret.Seal(Name, Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)));
        return new EncryptedXmlInfo(new XElement("wrapped", Convert.ToBase64String(wrapped)), typeof(FormKeyDecryptor));
    }
}

/// <summary>Unwraps it. The framework makes one by the name that stands beside the key.</summary>
internal sealed class FormKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        HubSecret secret = services.GetRequiredService<PeopleDesk>().Secret;
        using Secret? plain = secret.Open(FormKeyEncryptor.Name, Convert.FromBase64String(encryptedElement.Value));
        return plain is not null
            ? XElement.Parse(Encoding.UTF8.GetString(plain.Bytes))
            : throw new System.Security.Cryptography.CryptographicException("The keys of forms in the database were wrapped with another secret: restore the secret that belongs to this database.");
    }
}
