"""The pages of tickets, one controller a noun."""

from typing import Any

from app.tickets.controllers.asking_for_access import AskingForAccess
from app.tickets.controllers.board import TicketBoard
from app.tickets.controllers.bulk import TicketBulk
from app.tickets.controllers.comments import TicketComments
from app.tickets.controllers.copies import TicketCopies
from app.tickets.controllers.deleted import DeletedTickets
from app.tickets.controllers.edit import TicketEdit
from app.tickets.controllers.exports import TicketExports
from app.tickets.controllers.files import CommentFiles, TicketFiles
from app.tickets.controllers.imports import TicketImports
from app.tickets.controllers.index import TicketList
from app.tickets.controllers.links import TicketLinks
from app.tickets.controllers.mentions import MentionChoices
from app.tickets.controllers.migration import ApprovalMigration
from app.tickets.controllers.moves import TicketMoves
from app.tickets.controllers.new import NewTicket
from app.tickets.controllers.new_files import NewTicketFiles
from app.tickets.controllers.preview import TextPreview
from app.tickets.controllers.properties import TicketProperties
from app.tickets.controllers.saved_views import SavedViewPage, SavedViewPages
from app.tickets.controllers.show import TicketPages
from app.tickets.controllers.sight import TicketSight
from app.tickets.controllers.simulation import ApprovalSimulation
from app.tickets.controllers.subscription import TicketSubscription

TICKET_PAGES: list[Any] = [
    TicketList, NewTicket, TicketPages, TicketEdit, TicketMoves, TicketProperties, TicketComments, TicketFiles,
    CommentFiles, ApprovalSimulation, TicketExports, TicketImports, TicketSight, TicketBulk, TicketBoard, TicketLinks,
    SavedViewPages, SavedViewPage, AskingForAccess, TicketSubscription, MentionChoices, TextPreview, TicketCopies,
    DeletedTickets,
    ApprovalMigration, NewTicketFiles,
]  # fmt: skip
