using System.Reflection;
using System.Text;
using RoomAgent.Testing;

namespace RoomAgent.Architecture.Tests;

/// <summary>The public surface of each core project is a snapshot, so that it changes on purpose.</summary>
public sealed class PublicSurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Cores => [.. Project.Product.Where(p => p.IsCore).Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Cores))]
    public void TheSurfaceIsTheOneThatWasAgreed(string core)
    {
        string snapshot = Path.Combine(Repository.Root, "tests", "RoomAgent.Architecture.Tests", "PublicSurface", $"{core}.txt");
        string agreed = File.Exists(snapshot) ? File.ReadAllText(snapshot) : "";
        string found = Describe(Assembly.Load($"RoomAgent.{core}"));

        if (found == agreed)
            return;

        string received = Path.Combine(Repository.Root, "artifacts", "public-surface", $"{core}.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, found);
        Assert.Fail($"The public surface of {core} changed. Look at it: diff {snapshot} {received}\nIf it is meant: cp {received} {snapshot}");
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            string bases = string.Join(", ", new[] { type.BaseType }.Concat(type.GetInterfaces()).OfType<Type>().Select(Name).Order(StringComparer.Ordinal));
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(" : ").Append(bases).Append('\n');
            foreach (string member in type.GetMembers(Declared).Select(Describe).OfType<string>().Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    // A member that others can see, or null.
    private static string? Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsPublic: true } f when f.DeclaringType!.IsEnum && f.IsLiteral => $"{f.Name} = {f.GetRawConstantValue()}",
        FieldInfo { IsPublic: true, IsSpecialName: false } f => $"{(f.IsLiteral ? "const " : "")}{Name(f.FieldType)} {f.Name}",
        ConstructorInfo c when IsVisible(c) => $"new({Parameters(c)})",
        MethodInfo m when IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Modifiers(m)}{Name(m.ReturnType)} {m.Name}{Generics(m)}({Parameters(m)})",
        PropertyInfo p when p.GetMethod is { } get && IsVisible(get) =>
            $"{Modifiers(get)}{Name(p.PropertyType)} {p.Name}{(p.GetIndexParameters().Length > 0 ? "[]" : "")} {{ get;{(p.SetMethod is { } set && IsVisible(set) ? " set;" : "")} }}",
        EventInfo e => $"event {Name(e.EventHandlerType!)} {e.Name}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsEnum: true } => "enum",
        { IsByRefLike: true } => "ref struct",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Modifiers(MethodInfo method) =>
        (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "") + (method.IsStatic ? "static " : "") + (method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "");

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{(p.IsOut ? "out " : p.IsIn ? "in " : p.ParameterType.IsByRef ? "ref " : "")}{Name(p.ParameterType)} {p.Name}"));

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsNested && !type.IsGenericParameter)
            return Name(type.DeclaringType!) + "." + type.Name;
        if (!type.IsGenericType)
            return type.Name;

        string arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return $"{type.Name.Split('`')[0]}<{arguments}>";
    }
}
