namespace RoomAgent.Hub.Store;

/// <summary>
/// The two databases, and all in which their SQL differs. Everything else is said in words that both understand (see <see cref="Sql"/>).
/// </summary>
public sealed class Dialect
{
    private readonly string _integer;
    private readonly string _bytes;
    private readonly string _strict;

    private Dialect(string name, string integer, string bytes, string strict)
    {
        Name = name;
        _integer = integer;
        _bytes = bytes;
        _strict = strict;
    }

    /// <summary>A file in this process. Its tables are STRICT, so that a column's type holds as it does on PostgreSQL.</summary>
    public static Dialect Sqlite { get; } = new("sqlite", "INTEGER", "BLOB", " STRICT");

    /// <summary>A server that many hubs share.</summary>
    public static Dialect PostgreSql { get; } = new("postgresql", "BIGINT", "BYTEA", "");

    /// <summary>The word for it in the names of migrations: <c>sqlite</c> or <c>postgresql</c>.</summary>
    public string Name { get; }

    /// <summary>A migration's text for this database: <c>{int}</c>, <c>{bytes}</c> and (behind a table) <c>{strict}</c> are replaced.</summary>
    internal string Translate(string script) => script
        .Replace("{int}", _integer, StringComparison.Ordinal)
        .Replace("{bytes}", _bytes, StringComparison.Ordinal)
        .Replace("{strict}", _strict, StringComparison.Ordinal);
}
