"""The pages of home and of the approvals inbox."""
