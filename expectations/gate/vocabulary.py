"""Words of the gate that the command line and the desk offer for choice; nothing else is imported with them."""

from typing import Literal, get_args

Role = Literal["public", "leader", "plan_owner", "reviewer", "approver", "engineer"]
ROLES: tuple[Role, ...] = get_args(Role)
# The scope of a role that is not limited.
EVERYTHING = "*"

ReasonCode = Literal[
    "CONFIRMED_BY_SOURCE",
    "CONFIRMED_BY_DOCUMENT",
    "KNOWN_EVENT",
    "METHOD_CHANGE",
    "BOUNDARY_CHANGE",
    "PUBLISHER_ERROR",
    "ENTRY_ERROR",
    "DUPLICATE",
    "RULE_TOO_STRICT",
    "INFORMATION_ONLY",
    "OTHER",
]
REASON_CODES: tuple[ReasonCode, ...] = get_args(ReasonCode)
# SDMX OBS_STATUS codes that a reviewer may set on a value: break, estimate, preliminary, low reliability.
FLAGS = ("B", "E", "P", "U")

# How a statement of an office ends, and who may read its words.
StatementEnd = Literal["done", "withdraw"]
STATEMENT_ENDS: tuple[StatementEnd, ...] = get_args(StatementEnd)
StatementAccess = Literal["public", "internal"]
STATEMENT_ACCESS: tuple[StatementAccess, ...] = get_args(StatementAccess)
