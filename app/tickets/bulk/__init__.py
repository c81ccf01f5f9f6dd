"""One change to many tickets: each by the rules, in a transaction of its own, with an answer of its own."""
