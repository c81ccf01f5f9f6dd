"""The shell round the approval engine: locks a ticket, reads the facts, asks the engine, stores what it says."""
