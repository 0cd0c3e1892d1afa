using Microsoft.OpenApi;
using RoomAgent.Hub.Devices;

namespace RoomAgent.Hub.Hosting;

/// <summary>The document of the API (OpenAPI 3.1): every endpoint that has a name.</summary>
internal static class ApiDocument
{
    /// <summary>Where it is. It holds no secret, so everybody may read it.</summary>
    public const string Path = "/openapi/v1.json";

    /// <summary>Adds what writes it.</summary>
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "RoomHub",
                Version = CommandLine.Version.ToString(),
                Description = "Rooms, devices, meetings and calendars of an organisation. Refusals below /api are problem details (RFC 9457); nothing has changed after one. Calls of devices are described in RFC 6749, 8628 and 9449.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancel) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiBody>().LastOrDefault() is not { } body)
                return;

            IOpenApiSchema schema = body.Content is null
                ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }
                : await context.GetOrCreateSchemaAsync(body.Content, parameterDescription: null, cancel);
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new() { Schema = schema } } };
        });
    });

    /// <summary>Maps it.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder endpoints) => endpoints.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
