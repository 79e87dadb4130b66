"""[improve]: when the loop ends, and what a round trains."""

from __future__ import annotations

from pydantic import Field

from agents.config import Section


class ImproveConfig(Section):
    """[improve]: when the loop through the student ends, and what a round trains."""

    known_target: float = Field(
        0.9, gt=0, le=1, description="share of the probed facts that is enough; the loop ends where it is reached"
    )
    rounds: int = Field(3, ge=1, le=20, description="most rounds of training")
    rows: int = Field(0, ge=0, description="most further rows of all rounds together; 0: no limit")
    rows_per_fact: int = Field(2, ge=1, le=20, description="further rows that an unknown fact gets in a round")
    write: int = Field(
        0,
        ge=0,
        le=6,
        description="wordings that the teacher is asked for, of an unknown fact without a row in reserve; 0: no calls",
    )
    epochs: int = Field(
        4,
        ge=1,
        description="passes over the rows of a round, as in [tuning]; two gained nothing on the demo (docs/tuning.md)",
    )
    rehearsal: float = Field(
        1.0, ge=0, le=10, description="rows of facts that are known, for each row of an unknown one: so they stay known"
    )
