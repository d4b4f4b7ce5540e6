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


class PlanIncomplete(InvalidInput):
    """Something that a locked plan needs is not there; `problems` says what."""

    code = "plan_incomplete"


class DraftChanged(Conflict):
    """Another page changed the draft first."""

    code = "draft_changed"


class DraftExists(Conflict):
    code = "draft_exists"


class AllocationChanged(Conflict):
    """What would be locked is not what was previewed."""

    code = "allocation_changed"


class DataLocked(Conflict):
    code = "data_locked"


class ToolNotAllowed(NotAllowed):
    """The arm's list of tools does not hold the tool of an edit or the method of a proposal."""

    code = "tool_not_allowed"


class NotNext(Conflict):
    """The plan's order has another case first."""

    code = "not_next"


class Washout(Conflict):
    """The reader has read this case too short a time ago."""

    code = "washout"


class TrainingNotPassed(Conflict):
    code = "training_not_passed"


class NotReopened(Conflict):
    """Only an ended read is opened again."""

    code = "not_reopened"


class LookNotDue(Conflict):
    code = "look_not_due"


class LookTaken(Conflict):
    code = "look_taken"


class ReferenceNamed(Conflict):
    """A case has one reference, named once."""

    code = "reference_named"


class ResultsMasked(NotAllowed):
    """Results by arm are seen after the data lock or at a planned interim look only."""

    code = "results_masked"


class ReadsInStudy(NotAllowed):
    """Who reads in a masked study does not see its plan and results."""

    code = "reads_in_study"


class PlantingImpossible(InvalidInput):
    """The version does not hold enough lesions, or room, for the errors that were asked for."""

    code = "planting_impossible"


class ReaderStudyNameTaken(Conflict):
    code = "reader_study_name_taken"


class CaseWithoutPet(InvalidInput):
    code = "case_without_pet"


class WrongPassword(NotAllowed):
    code = "wrong_password"
