using System.Formats.Asn1;

namespace RoomAgent.Identity.Tests;

/// <summary>DER taken apart, to be put together as no right encoder would.</summary>
internal sealed class DerTree
{
    private DerTree(byte tag, byte[] content)
    {
        Tag = tag;
        Content = content;
    }

    public byte Tag { get; }

    public byte[] Content { get; }

    public List<DerTree> Children { get; set; } = [];

    /// <summary>A certificate after <paramref name="edit"/> changed the elements of its TBSCertificate.</summary>
    public static byte[] Edit(byte[] certificate, Action<List<DerTree>> edit)
    {
        DerTree tree = Parse(certificate);
        edit(tree.Children[0].Children);
        return tree.Encode(_ => Lengths.Der);
    }

    public static DerTree Nested(int depth)
    {
        var tree = new DerTree(0x30, []);
        for (int i = 1; i < depth; i++)
            tree = new DerTree(0x30, []) { Children = [tree] };
        return tree;
    }

    /// <summary>A certificate in as many variants as it has elements, one length of each in a form that BER allows and DER does not.</summary>
    public static IEnumerable<byte[]> BerVariants(byte[] certificate)
    {
        DerTree tree = Parse(certificate);
        foreach (DerTree odd in tree.All())
        {
            yield return tree.Encode(node => node == odd ? Lengths.Padded : Lengths.Der);
            if (odd.Children.Count > 0)
                yield return tree.Encode(node => node == odd ? Lengths.Indefinite : Lengths.Der);
        }
    }

    private enum Lengths
    {
        Der,
        Padded,
        Indefinite,
    }

    private static DerTree Parse(byte[] bytes)
    {
        Asn1Tag tag = AsnDecoder.ReadEncodedValue(bytes, AsnEncodingRules.DER, out int offset, out int length, out _);
        var tree = new DerTree(bytes[0], bytes[offset..(offset + length)]);
        if (!tag.IsConstructed)
            return tree;

        for (byte[] rest = tree.Content; rest.Length > 0;)
        {
            AsnDecoder.ReadEncodedValue(rest, AsnEncodingRules.DER, out _, out _, out int consumed);
            tree.Children.Add(Parse(rest[..consumed]));
            rest = rest[consumed..];
        }

        return tree;
    }

    private IEnumerable<DerTree> All() => Children.SelectMany(child => child.All()).Prepend(this);

    private byte[] Encode(Func<DerTree, Lengths> lengths)
    {
        byte[] content = Children.Count == 0 ? Content : [.. Children.SelectMany(child => child.Encode(lengths))];
        byte high = (byte)(content.Length >> 8), low = (byte)content.Length;
        return lengths(this) switch
        {
            Lengths.Indefinite => [Tag, 0x80, .. content, 0, 0],
            Lengths.Padded => [Tag, 0x83, 0, high, low, .. content],
            _ when content.Length < 0x80 => [Tag, low, .. content],
            _ when content.Length < 0x100 => [Tag, 0x81, low, .. content],
            _ => [Tag, 0x82, high, low, .. content],
        };
    }
}
