"""Upper and lower case count as one in `contains` and `starts`, in both back ends alike."""


def fold(text: str) -> str:
    """One character becomes one character, as in PostgreSQL's `lower(… COLLATE pg_c_utf8)`.

    `str.lower` knows two exceptions that it does not: the sigma at a word's end, and the dotted capital I."""
    return text.replace("Σ", "σ").replace("İ", "i").lower()
