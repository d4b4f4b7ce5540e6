"""Which tools an arm allows: the one rule for the reading room and for a request made by hand."""

from annotations.reads.errors import ToolNotAllowed
from annotations.reads.models import Arm
from annotations.segmentations.proposals import METHODS

DRAWN_IN_THE_ROOM = ("delete", "add_seed", "brush", "erase", "sphere", "merge")
"""Edits that the browser makes without asking for a proposal."""
TOOLS: tuple[str, ...] = (*DRAWN_IN_THE_ROOM, *METHODS)
"""What a plan may name, by the tool that an edit is saved with."""
ALWAYS = ("undo", "redo", "restore", "describe", "not_evaluable")
"""They draw nothing new: they take back or repeat what was allowed, or say something in words."""


def tools_of(arm: Arm) -> list[str]:
    """Every tool of the arm; an arm that names none has all."""
    named = TOOLS if arm.tools is None else tuple(one for one in arm.tools if one not in ALWAYS)
    return [*named, *ALWAYS]


def require_tool(arm: Arm, tool: str) -> None:
    """Raises ToolNotAllowed for a tool that the arm's list leaves out. Without a list nothing is refused."""
    if arm.tools is not None and tool not in tools_of(arm):
        raise ToolNotAllowed("The plan of this study does not allow this tool here.", tool=tool)
