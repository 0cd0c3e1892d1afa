namespace RoomAgent.Hub.Pages;

/// <summary>The page for what went wrong: what, and the way on. Of fixed words alone, so that it can be made when nothing else can.</summary>
internal static class ProblemPage
{
    /// <summary>Writes the page for the status that the answer has.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        int status = context.Response.StatusCode;
        (string title, string text, string way, string path) = status switch
        {
            400 => ("This form cannot be used any more", "It was open for too long, or you have signed in or out since. Nothing was changed. Open the page again and fill it in once more.", "Go to the start page", "/"),
            401 => ("Please sign in", "This page is for people who have signed in.", "Sign in", "/sign-in"),
            403 => ("This is not for you", "Your account may not do that, or the request came from another site. Nothing was changed. An administrator of your organisation can help.", "Go to the start page", "/"),
            404 => ("There is nothing here", "The address is wrong, or what was here has been removed.", "Go to the start page", "/"),
            405 => ("This cannot be done here", "Nothing was changed.", "Go to the start page", "/"),
            413 => ("That is too large", "Nothing was changed. Send less at once.", "Go to the start page", "/"),
            429 => ("Too many tries", "Nothing was changed. Wait for a quarter of an hour, then try again.", "Go to the start page", "/"),
            503 => ("The hub cannot answer at the moment", "Its database does not answer, or too many people ask at once. Nothing was changed. Try again in a minute.", "Go to the start page", "/"),
            _ => ("Something went wrong", "The hub has made a note of it. Try again; if it stays so, tell whoever runs the hub.", "Go to the start page", "/"),
        };
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title} - RoomHub</title>
            <link rel="stylesheet" href="{StyleSheet.Link}">
            </head>
            <body>
            <header class="top"><div class="inner"><a class="brand" href="/">RoomHub</a></div></header>
            <main id="main" class="narrow">
            <h1>{title}</h1>
            <p>{text}</p>
            <p><a class="button" href="{path}">{way}</a></p>
            <p class="hint">Status {status}</p>
            </main>
            </body>
            </html>

            """,
            context.RequestAborted);
    }
}
