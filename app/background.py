"""Everything that runs behind the pages: importing this module registers jobs, ticks, loops and readers."""

from app.activity import dispatch
from app.attachments import sweep
from app.dashboards import jobs as dashboard_jobs
from app.mailing import jobs as mail_jobs
from app.mailing import reader as mail_reader
from app.notifications import reader
from app.tickets import field_indexes, jobs, reindexing
from app.tickets.approving import jobs as approval_jobs
from app.tickets.approving import receipts
from app.tickets.asking_for_access import jobs as access_jobs
from app.tickets.bulk import carrying_out
from app.tickets.exporting import jobs as export_jobs
from app.tickets.importing import carrying_on

__all__ = [
    "access_jobs", "approval_jobs", "carrying_on", "carrying_out", "dashboard_jobs", "dispatch", "export_jobs",
    "field_indexes", "jobs", "mail_jobs", "mail_reader", "reader", "receipts", "reindexing", "sweep",
]  # fmt: skip
