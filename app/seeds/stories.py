"""Six weeks at the Aldermoor Group: every state, a late approval, a rejection, a second round, a proxy, a restricted case."""

from collections.abc import Iterator
from typing import Any

from app.seeds.teller import Act, Story


def stories() -> Iterator[Story]:
    yield from _PURCHASES
    yield from _OTHERS
    yield from _TRANSFERS
    yield from _everyday()


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def buy(
    amount: str, supplier: str, *, new: bool = False, budgeted: bool = True, center: str = "cc_2200", **more: Any
) -> dict[str, Any]:
    fields = {
        "amount": eur(amount), "cost_center": center, "supplier": supplier, "supplier_is_new": new, "budgeted": budgeted,
    }  # fmt: skip
    return fields | more


_PURCHASES = (
    Story(
        "purchase-request", "hana", "Replace 24 thermal imaging cameras on inspection line 3",
        buy("41900.00", "Kelvion Optics", new=True, center="cc_4410", needed_by="2026-12-18",
            reason="The cameras on line 3 are past their calibration window and reported 41 false rejects last week."),
        (
            Act(5, "14:05", "hana", "submit"),
            Act(5, "15:31", "daniel", "return", "Please attach a second quote and say why 24, not 18."),
            Act(5, "16:40", "hana", "edit", more={"fields": {
                "amount": eur("38400.00"), "supplier": "Nordtherm Imaging Oy",
                "reason": "Two per station, plus the six stations added in the August rebuild. Nordtherm's units drop into"
                " the same mounts, so the line stops for one shift only.",
            }}),
            Act(5, "16:42", "hana", "attach", "quote-a-kelvion.pdf"),
            Act(5, "16:43", "hana", "attach", "quote-b-nordtherm.pdf"),
            Act(5, "16:48", "hana", "resubmit"), Act(5, "17:00", "elena", "watch"), Act(5, "17:02", "lucas", "watch"),
            Act(5, "17:20", "daniel", "approve", "Numbers are clear now, thanks."),
            Act(2, "08:15", "tomas", "approve", "CC-4410 covers it. Book as capex, not maintenance."),
            Act(1, "10:22", "jonas", "comment", "@Hana Sato, the supplier confirms three weeks lead time:\n\n- [x] drawings sent\n- [ ] order out by Wednesday"),
            Act(1, "10:40", "hana", "show", "This is what they report today.", more={"file": "line-3-reading.png"}),
            Act(1, "11:05", "tomas", "comment", "Same group was late on a 2024 delivery. Keep the penalty clause in the service part.",
                more={"audience": "approvers"}),
        ),
        description="The cameras on **line 3** are past their calibration window.\n\n- 24 units, same mounts\n- one shift of downtime",
        priority="high", due_in=22, labels=("capex",),
    ),
    Story(
        "purchase-request", "hana", "Light-curtain guards for press 2", buy("12960.00", "Sicherwerk GmbH", center="cc_4410"),
        (Act(2, "09:10", "hana", "submit"), Act(2, "09:12", "hana", "attach", "offer-light-curtain.pdf"), Act(1, "09:40", "daniel", "approve")), priority="high", due_in=1, labels=("safety",),
    ),
    Story(
        "purchase-request", "ruth", "Six standing desks, finance floor", buy("3210.00", "Officina Due", center="cc_1100"),
        (Act(1, "15:20", "ruth", "submit"),), due_in=6, priority="low",
    ),
    Story(
        "purchase-request", "lucas", "Forklift battery service contract renewal", buy("18400.00", "Hebetech AG", new=True, center="cc_3300"),
        (
            Act(9, "10:00", "lucas", "submit"), Act(8, "11:12", "daniel", "approve"), Act(7, "09:30", "maya", "approve"),
            Act(7, "16:02", "ruth", "approve", "Same terms as last year."),
        ),
        priority="urgent", due_in=-1, labels=("urgent supplier",),
    ),
    Story(
        "purchase-request", "omar", "Stand for the Hannover fair, 60 square metres", buy("64800.00", "Messebau Lindner", budgeted=True),
        (
            Act(16, "09:00", "omar", "submit"), Act(15, "10:10", "daniel", "approve", "We decided this in September."),
            Act(14, "13:30", "maya", "approve"), Act(14, "15:45", "tomas", "approve"),
            Act(13, "09:05", "ingrid", "approve", "Fine, but no second floor."),
            Act(12, "08:30", "jonas", "take"), Act(4, "16:20", "jonas", "resolve", "Ordered, contract signed, slot C14 is ours."),
        ),
        due_in=40, labels=("capex",),
    ),
    Story(
        "purchase-request", "hana", "Second coffee machine for the lab", buy("6400.00", "Barista Pro"),
        (
            Act(20, "11:00", "hana", "submit"), Act(19, "12:00", "daniel", "approve"),
            Act(18, "09:00", "tomas", "reject", "Not from the operations budget."), Act(18, "10:00", "ruth", "reject", "Agree with Tomás."),
        ),
        priority="low",
    ),
    Story(
        "purchase-request", "mei", "展示台與採購申請單範本 — exhibition tables for the Taipei office", buy("4200.00", "台北展覽設計有限公司", new=True),
        (Act(6, "09:30", "mei", "submit"), Act(5, "10:00", "daniel", "approve")),
        description="台北辦公室需要三張展示台。採購申請單請見附件。",
    ),
    Story(
        "purchase-request", "hana",
        "Replacement of all emergency lighting, exit signs, battery packs and test boxes in halls 1 to 7 including the connecting"
        " corridors, the basement and the two external stairwells",
        buy("23750.00", "Notlicht & Söhne Sicherheitstechnik Gesellschaft mit beschränkter Haftung", center="cc_2200"),
        (Act(3, "13:00", "hana", "submit"), Act(2, "13:20", "daniel", "approve"), Act(1, "08:50", "maya", "approve")),
        due_in=0, labels=("safety", "audit"),
    ),
    Story(
        "purchase-request", "jonas", "Pallet scales, three units", buy("2890.00", "Waagenbau Nord"),
        (
            Act(30, "08:40", "jonas", "submit"), Act(29, "09:00", "daniel", "approve"), Act(29, "10:15", "jonas", "take"),
            Act(24, "15:00", "jonas", "resolve", "Delivered and calibrated."), Act(23, "09:00", "jonas", "confirm"),
        ),
    ),
    Story("purchase-request", "hana", "Vacuum cleaner for the clean room (draft)", buy("780.00", "Reinluft"), (Act(1, "17:10", "hana", "draft"),)),
    Story(
        "purchase-request", "elena", "Licences for the data catalogue", buy("9800.00", "Katalog Systems", center="cc_3300"),
        (Act(11, "10:30", "elena", "submit"), Act(11, "14:00", "elena", "withdraw", "The vendor sent a better offer.")),
    ),
)  # fmt: skip

_OTHERS = (
    Story(
        "access-request", "elena", "Production database read access for revenue analytics",
        {"system": "prod_db", "level": "read", "purpose": "Monthly revenue report, read only, masked customer data."},
        (Act(1, "09:00", "elena", "submit"), Act(1, "16:40", "daniel", "approve")), priority="high", due_in=0,
    ),
    Story(
        "access-request", "hana", "Gate 4 after hours during the rebuild", {"system": "gate", "level": "read", "purpose": "Line 3 rebuild, nights."},
        (
            Act(12, "09:20", "hana", "submit"), Act(12, "13:00", "daniel", "approve"), Act(11, "09:00", "elena", "approve"),
            Act(11, "10:00", "lucas", "take"), Act(11, "10:30", "lucas", "resolve", "Badge 1147 opens gate 4 until 20 December."),
            Act(10, "08:00", "hana", "send_back", "It works at gate 3, not at gate 4."),
            Act(10, "09:00", "lucas", "resolve", "Gate 4 it is. Sorry."), Act(10, "09:30", "hana", "confirm"),
        ),
    ),
    Story(
        "access-request", "omar", "Write access to the price list", {"system": "erp", "level": "write", "purpose": "Quarterly update of sales prices."},
        (Act(8, "11:00", "omar", "submit"), Act(7, "09:00", "daniel", "approve"), Act(6, "15:00", "elena", "reject", "Read is enough: pricing updates it.")),
    ),
    Story(
        "travel", "omar", "Supplier audit in Rotterdam, two people",
        {"destination": "Rotterdam", "start": "2026-12-07", "end": "2026-12-09", "cost": eur("1840.00"), "travellers": "2"},
        (Act(0, "08:05", "omar", "submit"),), due_in=7,
    ),
    Story(
        "travel", "hana", "Calibration course in Turin",
        {"destination": "Turin", "start": "2026-11-02", "end": "2026-11-06", "cost": eur("2960.00")},
        (
            Act(34, "10:00", "hana", "submit"), Act(33, "11:00", "daniel", "approve"), Act(32, "09:00", "maya", "approve"),
            Act(32, "12:00", "daniel", "take"), Act(18, "17:00", "daniel", "resolve", "Booked and back."), Act(17, "09:00", "hana", "confirm"),
        ),
    ),
    Story(
        "contract-review", "omar", "Mutual NDA with Corvane Robotics",
        {"counterparty": "Corvane Robotics", "kind": "nda"},
        (Act(3, "08:50", "omar", "draft"), Act(3, "08:55", "omar", "attach", "nda-corvane.pdf", {"field": "contract"}), Act(3, "09:00", "omar", "resubmit"), Act(2, "10:00", "aisha", "approve", "Our template, one change in 4.2."), Act(2, "15:30", "maya", "approve")),
        due_in=5,
    ),
    Story(
        "contract-review", "jonas", "Frame agreement with Ostrava Castings",
        {"counterparty": "Ostrava Castings", "kind": "frame", "value": eur("480000.00")},
        (Act(14, "09:00", "jonas", "submit"), Act(9, "11:30", "tomas", "approve")), priority="urgent", due_in=-2, labels=("audit",),
    ),
    Story(
        "it-incident", "hana", "Badge readers at gate 4 fail after rain", {"affects": "site", "what": "Three of five readers stay red until noon."},
        (Act(4, "07:40", "hana", "submit"), Act(4, "08:10", "lucas", "take"), Act(2, "12:00", "lucas", "comment", "New gaskets are on the way.")),
        priority="high", due_in=1,
    ),
    Story(
        "it-incident", "daniel", "Phishing report: fake payroll portal", {"affects": "team", "what": "A mail with a link to a payroll page that is not ours."},
        (Act(1, "08:00", "daniel", "submit"),), priority="urgent", due_in=0, visibility="restricted",
    ),
    Story(
        "it-incident", "ruth", "Screen flickers", {"affects": "me", "what": "Left screen, every few minutes."},
        (
            Act(26, "09:00", "ruth", "submit"), Act(26, "10:00", "lucas", "take"), Act(26, "14:00", "lucas", "resolve", "New cable."),
            Act(26, "15:00", "ruth", "confirm"),
        ),
    ),
    Story(
        "it-incident", "omar", "Laptop left on the train", {"affects": "me", "what": "Encrypted, reported to the railway."},
        (Act(21, "18:30", "omar", "submit"), Act(20, "08:00", "lucas", "take"), Act(19, "09:00", "daniel", "cancel", "Found, handed in at lost property.")),
    ),
    Story(
        "change", "lucas", "Payroll interface cut-over at month end",
        {"window": "2026-11-30T18:00:00Z", "risk": "medium", "rollback": "Old interface stays running in parallel for one week."},
        (Act(3, "10:00", "lucas", "submit"), Act(2, "11:00", "elena", "approve")), due_in=3,
    ),
    Story(
        "change", "jonas", "Failover test of the ERP database cluster",
        {"window": "2026-11-14T06:00:00Z", "risk": "high", "rollback": "Fail back to node A, tested in August."},
        (
            Act(22, "09:00", "jonas", "submit"), Act(21, "10:00", "lucas", "approve"), Act(21, "13:00", "daniel", "approve"),
            Act(20, "09:00", "elena", "approve"), Act(12, "06:30", "lucas", "take"),
        ),
        priority="high", due_in=2,
    ),
)  # fmt: skip

_TITLES = (
    ("Torque wrenches for assembly", "1240.00", "Werkzeug Kranz"), ("Label printer for shipping", "890.00", "Etikett Nord"),
    ("Noise survey in hall 2", "4800.00", "Akustik Büro Meer"), ("Spare motor for conveyor 7", "7350.00", "Antrieb Süd"),
    ("Safety shoes, autumn order", "2140.00", "Arbeitsschutz Petri"), ("Two monitors for the test bench", "760.00", "Bildschirm24"),
    ("Hydraulic oil, 12 drums", "3960.00", "Oleum"), ("Air filter service", "5900.00", "Filtertechnik Ost"),
    ("Window cleaning, office block", "1480.00", "Klarblick"), ("Crane inspection", "6700.00", "Prüfdienst Elbe"),
)  # fmt: skip


_TRANSFERS = (
    Story(
        "budget-transfer", "hana", "Spare lenses out of the training budget",
        {"from": "cc_4410", "to": "cc_2200", "amount": eur("6200.00"), "reason": "The course in Turin was cheaper than planned."},
        (Act(3, "10:15", "hana", "submit"), Act(2, "11:20", "daniel", "approve", "We have it to spare.")),
        due_in=4, picks={"reviewer": "ruth"},
    ),
    Story(
        "budget-transfer", "omar", "Fair stand: furniture from operations",
        {"from": "cc_2200", "to": "cc_1100", "amount": eur("1900.00"), "reason": "The tables stay in the Hannover depot."},
        (Act(1, "13:40", "omar", "submit"),), picks={"reviewer": "tomas"},
    ),
    Story(
        "budget-transfer", "jonas", "Freight costs of the third quarter",
        {"from": "cc_1100", "to": "cc_4410", "amount": eur("3480.00"), "reason": "Booked on Finance by mistake."},
        (
            Act(26, "09:30", "jonas", "submit"), Act(25, "10:00", "tomas", "approve"),
            Act(24, "14:10", "maya", "approve", "The freight bills add up."), Act(23, "09:00", "tomas", "take"),
            Act(23, "09:20", "tomas", "resolve", "Booked."), Act(22, "08:45", "jonas", "confirm"),
        ),
        picks={"reviewer": "maya"},
    ),
)  # fmt: skip


def _everyday() -> Iterator[Story]:
    """What makes the curves: ordinary purchases that went through, week after week."""
    askers = ("hana", "jonas", "lucas", "omar", "elena")
    for number, (title, amount, supplier) in enumerate(_TITLES):
        start = 40 - number * 4
        approved: tuple[Act, ...] = (Act(start - 1, "09:30", "daniel", "approve"),)
        if float(amount) >= 5000:
            approved += (Act(start - 1, "11:00", "maya", "approve"), Act(start - 1, "14:00", "ruth", "approve"))
        work = (Act(start - 2, "08:30", "jonas", "take"),) if start > 6 else ()
        done = (Act(start - 5, "15:00", "jonas", "resolve", "Ordered and delivered."),) if start > 12 else ()
        closed = (Act(start - 6, "09:00", askers[number % 5], "confirm"),) if start > 20 else ()
        asked = Act(start, "10:00", askers[number % 5], "submit")
        yield Story(
            "purchase-request", askers[number % 5], title, buy(amount, supplier), (asked, *approved, *work, *done, *closed),
            due_in=start // 2 - 8,
        )  # fmt: skip
