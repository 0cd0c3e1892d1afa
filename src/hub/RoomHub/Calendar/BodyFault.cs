namespace RoomAgent.Hub.Calendar;

/// <summary>What is wrong with what an administrator sent.</summary>
/// <param name="Member">In which member of it.</param>
/// <param name="Sentence">What would be right.</param>
internal sealed record BodyFault(string Member, string Sentence);
