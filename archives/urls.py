"""URLs of archives."""

from django.urls import path

from archives.views import lists, record, versions

urlpatterns = [
    path("archives/", lists.archive_list, name="archive-list"),
    path("archives/open/", lists.archive_open, name="archive-open"),
    path("records/<uuid:part_id>/", record.record, name="record"),
    path("records/<uuid:part_id>/validate/", record.record_validate, name="record-validate"),
    path("records/<uuid:part_id>/versions/<int:number>/", versions.version, name="record-version"),
    path("filings/", lists.filing_list, name="filing-list"),
    path("filings/submit/", lists.filing_submit, name="filing-submit"),
    path("filings/<uuid:filing_id>/", lists.filing_decide, name="filing-decide"),
]
