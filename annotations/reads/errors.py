"""What this room refuses, by name."""

from annotations.errors import Conflict, InvalidInput, NotAllowed


class StartNotReady(Conflict):
    """The AI segmentation of this case is not made yet."""

    code = "start_not_ready"


class ReadFrozen(Conflict):
    """The read is submitted, or its segmentation is final and not taken up again."""

    code = "read_frozen"


class StaleHead(Conflict):
    """Not the newest version was named: an edit is still on its way, or came from another page."""

    code = "stale_head"


class EventsMissing(Conflict):
    """Fewer events have arrived than were named."""

    code = "events_missing"


class EventConflict(Conflict):
    """An event id, or a number within its page load, was used before for something else."""

    code = "event_conflict"


class NotFinal(Conflict):
    code = "not_final"


class ScoreGiven(Conflict):
    code = "score_given"


class ScoreMissing(Conflict):
    code = "score_missing"


class NoScore(Conflict):
    """Scores are given in reads that start from an AI result only."""

    code = "no_score"


class PlanLocked(Conflict):
    code = "plan_locked"


class ReaderStudyNameTaken(Conflict):
    code = "reader_study_name_taken"


class CaseWithoutPet(InvalidInput):
    code = "case_without_pet"


class WrongPassword(NotAllowed):
    code = "wrong_password"
