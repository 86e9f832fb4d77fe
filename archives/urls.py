"""URLs of archives."""

from django.urls import path

from archives.views import autosave, evidence, items, lists, proceedings, record, reuse, review, versions

urlpatterns = [
    path("archives/", lists.archive_list, name="archive-list"),
    path("archives/open/", lists.archive_open, name="archive-open"),
    path("archives/reuse/", reuse.archive_reuse, name="archive-reuse"),
    path("records/<uuid:part_id>/reuse/", reuse.record_reuse, name="record-reuse"),
    path("records/<uuid:part_id>/", record.record, name="record"),
    path("records/<uuid:part_id>/validate/", record.record_validate, name="record-validate"),
    path("records/<uuid:part_id>/autosave/", autosave.record_autosave, name="record-autosave"),
    path("records/<uuid:part_id>/versions/", versions.version_list, name="record-versions"),
    path("records/<uuid:part_id>/versions/compare/", versions.version_compare, name="record-compare"),
    path("records/<uuid:part_id>/versions/<int:number>/", versions.version, name="record-version"),
    path("records/<uuid:part_id>/evidence/", evidence.record_evidence, name="record-evidence"),
    path("records/<uuid:part_id>/items/add/", items.item_add, name="item-add"),
    path("items/", items.item_list, name="item-list"),
    path("items/<uuid:item_id>/", items.item, name="item"),
    path("items/<uuid:item_id>/versions/<int:number>/", items.item_version, name="item-version"),
    path("items/<uuid:item_id>/notice/", items.item_notice, name="item-notice"),
    path("items/<uuid:item_id>/evidence/", evidence.item_evidence, name="item-evidence"),
    path("evidence/<uuid:evidence_id>/", evidence.evidence, name="evidence"),
    path("evidence/<uuid:evidence_id>/remove/", evidence.evidence_remove, name="evidence-remove"),
    path("records/<uuid:part_id>/proceeding/", proceedings.record_proceeding, name="record-proceeding"),
    path("proceedings/<uuid:proceeding_id>/", proceedings.proceeding, name="proceeding"),
    path("proceedings/<uuid:proceeding_id>/<slug:code>/", proceedings.letter, name="letter"),
    path("proceedings/<uuid:proceeding_id>/<slug:code>.pdf", proceedings.letter_as_pdf, name="letter-pdf"),
    path("review/", review.review, name="review"),
    path("review/confirm/", review.review_confirm, name="review-confirm"),
    path("filings/", lists.filing_list, name="filing-list"),
    path("filings/submit/", lists.filing_submit, name="filing-submit"),
    path("filings/<uuid:filing_id>/", lists.filing_decide, name="filing-decide"),
]
