namespace RoomAgent.Agent.Settings;

/// <summary>Somebody wrote a value for a setting somewhere. Nothing about it is checked yet.</summary>
/// <param name="Origin">The place, for a person: a file and line, a variable, an argument.</param>
/// <param name="Section">The section as written.</param>
/// <param name="Key">The key as written.</param>
/// <param name="Text">The value as written.</param>
public sealed record Assignment(string Origin, string Section, string Key, string Text);

/// <summary>
/// Something in the configuration that cannot stay. It names the place and says what is allowed there, but does not
/// repeat the refused value: that may be a password in the wrong line.
/// </summary>
/// <param name="Origin">The place, for a person: a file and line, a variable, an argument.</param>
/// <param name="Text">What is wrong there.</param>
public sealed record SettingProblem(string Origin, string Text)
{
    /// <summary>The place and what is wrong there, in one line.</summary>
    public override string ToString() => $"{Origin}: {Text}";
}
