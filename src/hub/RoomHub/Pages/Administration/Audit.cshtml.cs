using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The audit log.</summary>
internal sealed class AuditModel(PeopleDesk people) : HubPage(people)
{
    private const int OnAPage = 50;

    public IReadOnlyList<AuditLine> Lines { get; private set; } = [];

    public PageLinks Links { get; private set; } = new(null, null);

    [BindProperty(SupportsGet = true)]
    public Guid? Before { get; set; }

    public async Task OnGetAsync()
    {
        List<AuditLine> some = await People.Audit.ReadAsync(Me.Organisation, Before, OnAPage + 1, Cancel);
        Lines = some.Take(OnAPage).ToList();
        Links = new PageLinks(Before is null ? null : "/audit", some.Count > OnAPage ? $"/audit?before={Lines[^1].Id:D}" : null);
    }
}
