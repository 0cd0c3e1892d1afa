namespace RoomAgent.Hub.Store;

/// <summary>What is wrong with the database.</summary>
public enum StoreFault
{
    /// <summary>It does not answer: the server is gone, is starting, refuses connections. The next call tries anew by itself.</summary>
    Unavailable,

    /// <summary>The connection broke after the decision had been sent and before the answer came: the transaction happened wholly or not at all, and nobody here knows which. Ask the database, or repeat what may be repeated.</summary>
    Unknown,

    /// <summary>Others change the same rows, again and again, or hold the database for long. Nothing happened; later it may.</summary>
    Busy,

    /// <summary>There is no room left for what was to be written. Nothing happened; reading still works.</summary>
    Full,

    /// <summary>It may be read but not written: the file's or the user's rights, or a standby server.</summary>
    ReadOnly,

    /// <summary>The storage below it fails, or its content is damaged. A restore from a backup is due.</summary>
    Damaged,

    /// <summary>It cannot be opened as it is: no such database, wrong password, settings of the server that would break our promises.</summary>
    Unsuitable,

    /// <summary>A newer program has changed it; this one does not know what its tables mean.</summary>
    Newer,

    /// <summary>A row is not allowed beside those that are there. Nothing happened. A caller that expects this says ON CONFLICT instead.</summary>
    Constraint,
}

/// <summary>The database did not do what was asked. The message is a sentence for the administrator and holds no personal data.</summary>
/// <remarks>A transaction happens wholly or, when this is thrown, not at all; only <see cref="StoreFault.Unknown"/> leaves open which.</remarks>
public sealed class StoreException : Exception
{
    /// <summary>A fault with its sentence, and what the driver said.</summary>
    public StoreException(StoreFault fault, string message, Exception? cause = null)
        : base(message, cause) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public StoreFault Fault { get; }
}
