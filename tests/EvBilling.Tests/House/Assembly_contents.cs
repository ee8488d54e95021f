using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace EvBilling.Tests.House;

/// <summary>What a compiled assembly uses, as its metadata and its instructions say.</summary>
internal sealed class Assembly_contents : IDisposable
{
    private static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    private readonly PEReader _file;
    private readonly MetadataReader _metadata;

    public Assembly_contents(Assembly assembly)
    {
        _file = new PEReader(File.OpenRead(assembly.Location));
        _metadata = _file.GetMetadataReader();
    }

    public void Dispose() => _file.Dispose();

    public IEnumerable<string> AssembliesUsed() =>
        _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name));

    /// <summary>Full names of the types used that lie in other assemblies.</summary>
    public IEnumerable<string> TypesUsed() => _metadata.TypeReferences.Select(NameOf);

    /// <summary>"Namespace.Type::Member" of the members used that lie in other assemblies; instances of generic types are left out.</summary>
    public IEnumerable<string> MembersUsed() =>
        from handle in _metadata.MemberReferences
        let member = _metadata.GetMemberReference(handle)
        where member.Parent.Kind == HandleKind.TypeReference
        select $"{NameOf((TypeReferenceHandle)member.Parent)}::{_metadata.GetString(member.Name)}";

    /// <summary>"Type.Field" of the static fields that can be set after the type's initialisation, other than the compiler's caches of delegates.</summary>
    public IEnumerable<string> MutableStaticFields() =>
        from handle in _metadata.FieldDefinitions
        let field = _metadata.GetFieldDefinition(handle)
        where field.Attributes.HasFlag(FieldAttributes.Static)
            && !field.Attributes.HasFlag(FieldAttributes.InitOnly)
            && !field.Attributes.HasFlag(FieldAttributes.Literal)
        let type = NameOf(field.GetDeclaringType())
        let name = _metadata.GetString(field.Name)
        // "<>9__0_0" in "<>c", "<0>__Parse" in "<>O". But "<Count>k__BackingField" is a property that someone wrote.
        where !name.StartsWith("<>", StringComparison.Ordinal) && !type.Contains("<>O", StringComparison.Ordinal)
        select $"{type}.{name}";

    /// <summary>Where float or double occurs: in a field, a signature, a local variable, a type argument, a called member or an instruction.</summary>
    public IEnumerable<string> PlacesOfFloatingPoint()
    {
        foreach (var handle in _metadata.FieldDefinitions)
        {
            var field = _metadata.GetFieldDefinition(handle);
            if (field.DecodeSignature(FloatingPoint.Instance, null))
            {
                yield return $"field {NameOf(field.GetDeclaringType())}.{_metadata.GetString(field.Name)}";
            }
        }
        foreach (var handle in _metadata.MethodDefinitions)
        {
            var method = _metadata.GetMethodDefinition(handle);
            if (Occurs(method.DecodeSignature(FloatingPoint.Instance, null)) || OccursInBody(method))
            {
                yield return $"method {NameOf(method.GetDeclaringType())}.{_metadata.GetString(method.Name)}";
            }
        }
        foreach (var handle in _metadata.MemberReferences)
        {
            var member = _metadata.GetMemberReference(handle);
            if (member.GetKind() == MemberReferenceKind.Field
                ? member.DecodeFieldSignature(FloatingPoint.Instance, null)
                : Occurs(member.DecodeMethodSignature(FloatingPoint.Instance, null)))
            {
                yield return $"use of {(member.Parent.Kind == HandleKind.TypeReference ? NameOf((TypeReferenceHandle)member.Parent) : "a generic type")}"
                    + $".{_metadata.GetString(member.Name)}";
            }
        }
        for (var row = 1; row <= _metadata.GetTableRowCount(TableIndex.TypeSpec); row++)
        {
            if (_metadata.GetTypeSpecification(MetadataTokens.TypeSpecificationHandle(row)).DecodeSignature(FloatingPoint.Instance, null))
            {
                yield return $"type argument or array (TypeSpec {row})";
            }
        }
        for (var row = 1; row <= _metadata.GetTableRowCount(TableIndex.MethodSpec); row++)
        {
            if (_metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row)).DecodeSignature(FloatingPoint.Instance, null).Any(is_floating => is_floating))
            {
                yield return $"type argument of a method (MethodSpec {row})";
            }
        }
    }

    private static bool Occurs(MethodSignature<bool> signature) => signature.ReturnType || signature.ParameterTypes.Any(is_floating => is_floating);

    private bool OccursInBody(MethodDefinition method)
    {
        if (method.RelativeVirtualAddress == 0)
        {
            return false;
        }
        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        return (!body.LocalSignature.IsNil
                && _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(FloatingPoint.Instance, null).Any(is_floating => is_floating))
            || Instructions(body.GetILReader()).Any(code => code.Name!.Split('.').Any(part => part is "r" or "r4" or "r8"));
    }

    /// <summary>Those of floating point are ldc.r8, conv.r.un, ldind.r8, stelem.r4 and so on; ldind.ref is none.</summary>
    private static List<OpCode> Instructions(BlobReader instructions)
    {
        var codes = new List<OpCode>();
        while (instructions.RemainingBytes > 0)
        {
            int value = instructions.ReadByte();
            var code = OpCodes[value == 0xFE ? 0xFE00 | instructions.ReadByte() : value];
            codes.Add(code);
            var operand = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 * instructions.ReadInt32(),
                _ => 4,
            };
            instructions.Offset += operand;
        }
        return codes;
    }

    private string NameOf(TypeReferenceHandle handle)
    {
        var type = _metadata.GetTypeReference(handle);
        var name = _metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf((TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : $"{_metadata.GetString(type.Namespace)}.{name}";
    }

    private string NameOf(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var name = _metadata.GetString(type.Name);
        return type.GetDeclaringType().IsNil ? name : $"{NameOf(type.GetDeclaringType())}+{name}";
    }

    /// <summary>Decodes a type to whether float or double occurs in it.</summary>
    private sealed class FloatingPoint : ISignatureTypeProvider<bool, object?>
    {
        public static readonly FloatingPoint Instance = new();

        public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode is PrimitiveTypeCode.Single or PrimitiveTypeCode.Double;

        public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => false;

        public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => false;

        public bool GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public bool GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => typeArguments.Any(is_floating => is_floating);

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => Occurs(signature);

        public bool GetArrayType(bool elementType, ArrayShape shape) => elementType;

        public bool GetSZArrayType(bool elementType) => elementType;

        public bool GetByReferenceType(bool elementType) => elementType;

        public bool GetPointerType(bool elementType) => elementType;

        public bool GetPinnedType(bool elementType) => elementType;

        public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => unmodifiedType;

        public bool GetGenericMethodParameter(object? genericContext, int index) => false;

        public bool GetGenericTypeParameter(object? genericContext, int index) => false;
    }
}
