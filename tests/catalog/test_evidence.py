"""Names and ears in one score, rule by rule."""

from __future__ import annotations

import pytest

from catalog.evidence import Decision, SongEvidence, eased, weigh

CLEAR: dict[str, float] = {}
DOUBTFUL = {"title not named": 0.225}
FAR = {"artist differs": 0.4}


def song(
    penalties: dict[str, float], *, located: float | None = None, rival: bool = False
) -> SongEvidence:
    return SongEvidence(penalties, located is not None, located or 0.0, rival)


@pytest.mark.parametrize(
    ("rule", "voice", "bed", "decision"),
    [
        ("both located", song(FAR, located=0.1), song(FAR, located=0.1), Decision.ACCEPT),
        ("names clear, nothing located", song(CLEAR), song(CLEAR), Decision.ACCEPT),
        ("bed located, title doubtful", song(DOUBTFUL), song(DOUBTFUL, located=0.9), "accept"),
        ("a far name, bed located", song(FAR), song(CLEAR, located=0.9), Decision.ACCEPT),
        ("both doubtful, nothing located", song(DOUBTFUL), song(DOUBTFUL), Decision.REVIEW),
        ("two voices fit", song(CLEAR, rival=True), song(FAR, located=0.9), Decision.REVIEW),
        ("two beds fit", song(CLEAR, located=0.9), song(CLEAR, rival=True), Decision.REVIEW),
        (
            "two voices fit, one located",
            song(CLEAR, located=0.5, rival=True),
            song(CLEAR),
            "accept",
        ),
        ("both far, nothing located", song(FAR, rival=True), song(FAR), Decision.SET_ASIDE),
    ],
)
def test_names_and_ears_decide_together(
    rule: str, voice: SongEvidence, bed: SongEvidence, decision: str
) -> None:
    assert weigh(voice, bed).decision == decision, rule


@pytest.mark.parametrize(
    ("voice", "bed", "decision"),
    [
        (song(CLEAR), song(CLEAR), Decision.REVIEW),
        (song(CLEAR, located=0.9), song(CLEAR), Decision.REVIEW),
        (song(DOUBTFUL), song(CLEAR, located=0.9), Decision.ACCEPT),
        (song(FAR, rival=True), song(FAR), Decision.SET_ASIDE),
    ],
)
def test_what_names_left_in_doubt_only_a_located_bed_settles(
    voice: SongEvidence, bed: SongEvidence, decision: Decision
) -> None:
    assert weigh(voice, bed, is_doubtful=True).decision is decision


def test_an_unverified_voice_is_never_a_reason_against() -> None:
    found = weigh(song(CLEAR), song(CLEAR, located=0.9))
    assert (found.score, found.penalties) == (1.0, {})


def test_a_bed_that_is_not_located_is_one() -> None:
    found = weigh(song(CLEAR, located=0.9), song(CLEAR))
    assert found.penalties == pytest.approx({"bed: bed not located": 0.1})


def test_a_located_song_outweighs_a_doubtful_name() -> None:
    scores = [weigh(song(CLEAR), song(FAR, located=c)).score for c in (0.0, 0.3, 0.9)]
    assert scores == sorted(scores) and scores[-1] > 0.97 > scores[0] == pytest.approx(0.8)
    assert eased(FAR, 1.0) == pytest.approx({"artist differs": 0.04})


def test_every_penalty_is_kept_by_role_and_name_and_the_score_is_what_they_leave() -> None:
    found = weigh(song(DOUBTFUL, rival=True), song(FAR))
    assert found.penalties == pytest.approx(
        {
            "voice: title not named": 0.1125,
            "voice: another song fits as well": 0.25,
            "bed: artist differs": 0.2,
            "bed: bed not located": 0.1,
        }
    )
    assert found.score == pytest.approx(1 - sum(found.penalties.values()))
    assert found.reason.startswith("names and ears together give 0.34, 0.74 and a located bed")
