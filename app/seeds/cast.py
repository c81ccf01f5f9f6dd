"""The Aldermoor Group: the people of the demo company and of the tests alike (product.md, section 12)."""

from dataclasses import dataclass

DOMAIN = "aldermoor.example"
PASSWORD = "demo-password"  # noqa: S105  it opens the demo only, which says so on every page


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    name: str
    title: str
    manager: str | None = "daniel"
    roles: tuple[str, ...] = ()
    locale: str = "en"
    time_zone: str = "Europe/Berlin"

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    description: str
    capabilities: tuple[str, ...] = ()
    capacity: int | None = None


PEOPLE: tuple[Person, ...] = (
    Person("hana", "Hana Sato", "Quality Engineer", roles=("Quality",)),
    Person("daniel", "Daniel Okafor", "Plant Manager", manager="ingrid", roles=("Managers",)),
    Person("maya", "Maya Lindqvist", "Operations Finance Lead", manager="ingrid", roles=("Finance",)),
    Person("tomas", "Tomás Herrera", "Financial Controller", manager="ingrid", roles=("Finance",)),
    Person("ruth", "Ruth Adeyemi", "Compliance Officer", manager="ingrid", roles=("Finance",)),
    Person("aisha", "Aisha Bello", "Legal Counsel", manager="ingrid", roles=("Legal",)),
    Person("ingrid", "Ingrid Solberg", "CFO", manager=None, roles=("Management",)),
    Person("jonas", "Jonas Weber", "Procurement", roles=("Procurement",)),
    Person("lucas", "Lucas Moreau", "IT Service", roles=("IT service",)),
    Person("elena", "Elena Petrova", "Data Owner", roles=("Data owners",)),
    Person("omar", "Omar Haddad", "Sales", time_zone="Asia/Dubai"),
    Person("ada", "Ada Kovac", "Administrator", manager="ingrid", roles=("Admins",)),
    Person("nora", "Nora Lind", "Internal Audit", manager="ingrid", roles=("Auditors",)),
    Person("otto", "Otto Brandt", "Temporary help", manager=None),
    Person("mei", "林美華", "台北業務", locale="zh_Hant", time_zone="Asia/Taipei"),
)

GROUPS: tuple[Group, ...] = (
    Group("Admins", "Shape the product for everybody", ("admin",)),
    Group("Managers", "Watch the work move", ("manager",)),
    Group("Auditors", "Read the record", ("auditor",)),
    Group("Finance", "Reviews spending"),
    Group("Legal", "Reviews contracts"),
    Group("Management", "The last signature"),
    Group("Procurement", "Buys what was approved", capacity=30),
    Group("IT service", "Keeps machines and access working", capacity=45),
    Group("Data owners", "Answer for data"),
    Group("Quality", "Line 3 and its cameras"),
)
