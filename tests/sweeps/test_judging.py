"""Two people, one door: what stands, without a database.

The second half goes through the offline cases of the best peer we know (peers.md §2.7): in order,
interrupted, later received earlier, backwards, with a missing middle, past the server's version.
"""

import itertools
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.sweeps.judge import NOTHING, Line, Said, done_people, judge

ANNA, BEN, DESK = (UUID(int=n) for n in (1, 2, 3))
FATHER, MOTHER, CHILD = (UUID(int=n) for n in (11, 12, 13))
HOME = (FATHER, MOTHER, CHILD)


def report(n: int, by: UUID = ANNA, outcome: str | None = None, **more: Any) -> Said:
    """The n-th report to arrive; its id says so."""
    return Said(UUID(int=100 + n), n, by, outcome=outcome, **more)


def id_of(n: int) -> UUID:
    return UUID(int=100 + n)


def line(*reports: Said) -> Line:
    return judge(reports, HOME)


def test_a_door_nobody_reported_has_no_line() -> None:
    assert line() == NOTHING


def test_one_report_stands() -> None:
    found = line(report(1, outcome="all"))
    assert (found.outcome, found.flagged, found.version) == ("all", (), 1)
    assert found.report == id_of(1)


def test_the_same_said_twice_is_no_conflict() -> None:
    found = line(report(1, ANNA, "all"), report(2, BEN, "all"))
    assert (found.outcome, found.flagged, found.version) == ("all", (), 2)


def test_different_things_said_unknowingly_are_flagged_and_the_last_to_arrive_is_shown() -> (
    None
):
    found = line(report(1, ANNA, "all"), report(2, BEN, "nobody"))
    assert (found.outcome, found.flagged) == ("nobody", ("outcome",))
    assert found.report == id_of(2)


def test_whoever_knew_of_the_first_replaces_it() -> None:
    found = line(report(1, ANNA, "nobody"), report(2, BEN, "all", base=1))
    assert (found.outcome, found.flagged) == ("all", ())


def test_nothing_in_common_and_both_stand() -> None:
    found = line(
        report(1, ANNA, "some", persons={FATHER: "absent"}),
        report(2, BEN, "some", persons={MOTHER: "away"}),
    )
    assert found.outcome == "some"
    assert found.persons == {FATHER: "absent", MOTHER: "away"}
    assert found.flagged == ()


def test_one_person_said_to_be_two_things_is_flagged_alone() -> None:
    found = line(
        report(1, ANNA, "some", persons={FATHER: "absent", CHILD: "exempt"}),
        report(2, BEN, "some", persons={FATHER: "away"}),
    )
    assert found.persons == {FATHER: "away", CHILD: "exempt"}
    assert found.flagged == (f"p:{FATHER}",)


def test_all_present_is_not_shown_beside_an_exception_of_somebody_elses() -> None:
    found = line(report(1, BEN, "some", persons={FATHER: "absent"}), report(2, ANNA, "all"))
    assert (found.outcome, found.persons, found.flagged) == ("all", {}, ("outcome",))


def test_a_second_visit_speaks_of_the_whole_household_again() -> None:
    found = line(
        report(1, ANNA, "some", persons={FATHER: "absent"}), report(2, ANNA, "all", base=1)
    )
    assert (found.outcome, found.persons, found.flagged) == ("all", {}, ())


def test_answers_stand_until_they_are_answered_again() -> None:
    found = line(
        report(1, ANNA, "all", answers={"food": "short", "gas": True}),
        report(2, ANNA, "all", base=1, answers={"food": "well"}),
    )
    assert found.answers == {"food": "well", "gas": True}


def test_help_asked_for_by_two_people_is_both() -> None:
    found = line(
        report(1, ANNA, "all", needs=frozenset({"food"})),
        report(2, BEN, "all", needs=frozenset({"medicine"})),
    )
    assert found.needs == {"food", "medicine"}


def test_what_is_taken_back_is_kept_and_counts_no_more() -> None:
    found = line(report(1, ANNA, "all"), report(2, ANNA, undoes=id_of(1), after=id_of(1)))
    assert (found.outcome, found.version) == (None, 2)


def test_nobody_takes_back_what_somebody_else_said() -> None:
    assert line(report(1, ANNA, "all"), report(2, BEN, undoes=id_of(1))).outcome == "all"


def test_a_desk_may_take_back_anything() -> None:
    found = line(report(1, ANNA, "all"), report(2, DESK, undoes=id_of(1), decides=True))
    assert found.outcome is None


def test_taken_back_before_it_arrived_it_never_stands() -> None:
    found = line(report(1, ANNA, undoes=id_of(2)), report(2, ANNA, "all"))
    assert found.outcome is None


def test_taking_one_back_lets_the_other_stand() -> None:
    found = line(
        report(1, ANNA, "all"), report(2, BEN, "nobody"), report(3, BEN, undoes=id_of(2))
    )
    assert (found.outcome, found.flagged) == ("all", ())


def test_a_person_at_a_desk_settles_it() -> None:
    found = line(
        report(1, ANNA, "all"),
        report(2, BEN, "nobody"),
        report(3, DESK, "all", base=2, decides=True),
    )
    assert (found.outcome, found.flagged) == ("all", ())


def test_a_ruling_settles_what_it_names_and_leaves_all_else_as_it_stood() -> None:
    told = (
        report(
            1,
            ANNA,
            "some",
            persons={FATHER: "refused"},
            answers={"food": "short"},
            needs=frozenset({"food"}),
        ),
        report(2, BEN, "some", persons={FATHER: "done"}),
    )
    assert line(*told).flagged == (f"p:{FATHER}",)
    found = line(*told, report(3, DESK, "some", base=2, decides=True))
    assert (found.answers, found.needs) == ({"food": "short"}, {"food"})
    assert found.flagged == (f"p:{FATHER}",)  # of him nothing was ruled
    ruled = report(3, DESK, "some", base=2, decides=True, persons={FATHER: "refused"})
    found = line(*told, ruled)
    assert (found.persons, found.flagged) == ({FATHER: "refused"}, ())
    assert done_people(found.outcome, found.persons, HOME) == (2, 0)


def test_a_ruling_for_all_present_drops_the_exceptions_of_the_other_outcome() -> None:
    found = line(
        report(1, ANNA, "all", answers={"food": "well"}),
        report(2, BEN, "some", persons={CHILD: "absent"}),
        report(3, DESK, "all", base=2, decides=True),
    )
    assert (found.outcome, found.persons, found.flagged) == ("all", {}, ())
    assert found.answers == {"food": "well"}


def test_what_the_desk_did_not_know_of_is_put_before_it_again() -> None:
    found = line(
        report(1, ANNA, "all"),
        report(2, DESK, "all", base=1, decides=True),
        report(3, BEN, "nobody"),
    )
    assert found.flagged == ("outcome",)


# -- tries ---------------------------------------------------------------------------------------


def test_two_people_at_one_time_are_one_try() -> None:
    assert line(report(1, ANNA, "nobody"), report(2, BEN, "locked")).tries == 1


def test_another_pass_is_another_try() -> None:
    assert line(report(1, ANNA, "nobody"), report(2, BEN, "nobody", turn=2)).tries == 2


def test_coming_back_knowingly_is_another_try() -> None:
    assert line(report(1, ANNA, "nobody"), report(2, ANNA, "nobody", base=1)).tries == 2


# -- people, one by one ----------------------------------------------------------------------------


def test_people_scanned_one_by_one_make_the_household_some_and_then_all() -> None:
    first = report(1, ANNA, persons={FATHER: "done"})
    assert line(first).outcome == "some"
    rest = report(2, BEN, persons={MOTHER: "done", CHILD: "exempt"})
    assert line(first, rest).outcome == "all"
    assert line(first, rest).flagged == ()


def test_people_are_counted_as_what_was_said_of_them() -> None:
    assert done_people("all", {}, HOME) == (3, 0)
    assert done_people("all", {CHILD: "exempt"}, HOME) == (2, 1)
    assert done_people("some", {FATHER: "absent"}, HOME) == (2, 0)
    assert done_people("some", {FATHER: "done"}, HOME) == (1, 0)
    assert done_people("exempt", {}, HOME) == (0, 3)
    assert done_people("nobody", {}, HOME) == (0, 0)
    assert done_people(None, {}, HOME) == (0, 0)


# -- the peer's cases ------------------------------------------------------------------------------


def test_one_phones_reports_in_order() -> None:
    found = line(report(1, ANNA, "nobody"), report(2, ANNA, "all", after=id_of(1)))
    assert (found.outcome, found.flagged) == ("all", ())


def test_one_phones_reports_after_the_server_has_moved_on() -> None:
    """Somebody else said the same kind of thing meanwhile: two of three disagree."""
    found = line(
        report(1, BEN, "locked"),
        report(2, ANNA, "nobody"),
        report(3, ANNA, "all", after=id_of(2)),
    )
    assert (found.outcome, found.flagged) == ("all", ("outcome",))


def test_one_phones_reports_with_another_in_between() -> None:
    found = line(
        report(1, ANNA, "nobody"),
        report(2, BEN, "all", base=1),
        report(3, ANNA, "some", after=id_of(1), persons={CHILD: "absent"}),
    )
    assert (found.outcome, found.flagged) == ("some", ("outcome",))


def test_a_later_one_received_earlier_still_stands_when_the_earlier_comes() -> None:
    found = line(report(1, ANNA, "all", after=id_of(2)), report(2, ANNA, "nobody"))
    assert (found.outcome, found.flagged, found.version) == ("all", (), 2)


def test_three_that_come_in_backwards_end_as_they_would_in_order() -> None:
    found = line(
        report(1, ANNA, "all", after=id_of(2)),
        report(2, ANNA, "some", after=id_of(3), persons={CHILD: "absent"}),
        report(3, ANNA, "nobody"),
    )
    assert (found.outcome, found.persons, found.flagged) == ("all", {}, ())


def test_one_whose_earlier_part_never_comes_is_not_held_back() -> None:
    found = line(report(1, ANNA, "all", after=UUID(int=999)))
    assert (found.outcome, found.flagged) == ("all", ())


def test_a_version_that_never_was_is_not_believed() -> None:
    """A phone that saw more than there is (the server came back from a backup) knows nothing."""
    found = line(report(1, BEN, "all"), report(2, ANNA, "nobody", base=7))
    assert found.flagged == ("outcome",)


def test_earlier_answers_reach_through_the_chain() -> None:
    found = line(
        report(1, ANNA, "nobody"),
        report(2, ANNA, "some", after=id_of(1), persons={CHILD: "absent"}),
        report(3, ANNA, "all", after=id_of(2)),
    )
    assert (found.outcome, found.flagged) == ("all", ())


def test_a_circle_of_reports_is_survived() -> None:
    found = line(
        report(1, ANNA, "all", after=id_of(2)), report(2, ANNA, "nobody", after=id_of(1))
    )
    assert found.outcome in ("all", "nobody", None)


# -- whatever comes ----------------------------------------------------------------------------------

OUTCOMES = some.sampled_from([None, "all", "some", "nobody", "refused", "away"])
PERSONS = some.dictionaries(
    some.sampled_from(HOME), some.sampled_from(["absent", "away", "done"]), max_size=2
)


@some.composite
def chains(draw: Any) -> list[list[Said]]:
    """One to three phones, each with a chain of reports made without a network."""
    found: list[list[Said]] = []
    number = 0
    for by in (ANNA, BEN, DESK)[: draw(some.integers(1, 3))]:
        chain: list[Said] = []
        for _ in range(draw(some.integers(1, 3))):
            number += 1
            before = chain[-1].id if chain else None
            chain.append(
                Said(
                    UUID(int=500 + number),
                    0,
                    by,
                    after=before,
                    outcome=draw(OUTCOMES),
                    persons=draw(PERSONS),
                )
            )
        found.append(chain)
    return found


def arriving(reports: list[Said]) -> Line:
    numbered = [
        Said(r.id, n, r.by, r.base, r.after, r.undoes, r.decides, r.turn, r.outcome, r.persons)
        for n, r in enumerate(reports, 1)
    ]
    return judge(numbered, HOME)


@settings(max_examples=150, deadline=None)
@given(chains(), some.randoms(use_true_random=False))
def test_in_whatever_order_they_arrive_the_same_fields_are_flagged(
    made: list[list[Said]], random: Any
) -> None:
    flat = list(itertools.chain.from_iterable(made))
    shuffled = list(flat)
    random.shuffle(shuffled)
    first, second = arriving(flat), arriving(shuffled)
    assert first.flagged == second.flagged
    if not first.flagged:
        assert (first.outcome, first.persons) == (second.outcome, second.persons)


@settings(max_examples=100, deadline=None)
@given(chains())
def test_one_phone_alone_never_contradicts_itself(made: list[list[Said]]) -> None:
    assert arriving(made[0]).flagged == ()


# -- answers, by the titles of the best peer's offline cases (ODK Central, offline-entities.js) -------


def answers(n: int, by: UUID, base: int, after: int = 0, **given: Any) -> Said:
    """The n-th report to arrive, with answers only."""
    return report(n, by, base=base, after=id_of(after) if after else None, answers=dict(given))


def test_an_offline_branch_of_answers_applies_in_order() -> None:
    found = line(
        answers(1, ANNA, 0, dogs=True),
        answers(2, ANNA, 0, 1, count=2),
        answers(3, ANNA, 0, 2, count=3),
    )
    assert (found.answers, found.flagged) == ({"dogs": True, "count": 3}, ())


def test_an_offline_branch_on_top_of_a_newer_version_with_other_questions_is_soft() -> None:
    found = line(
        answers(1, ANNA, 0, dogs=True),
        answers(2, BEN, 1, lift=False),
        answers(3, ANNA, 1, 1, count=2),
    )
    assert (found.answers, found.flagged) == ({"dogs": True, "lift": False, "count": 2}, ())


def test_an_offline_branch_on_top_of_a_newer_version_with_the_same_question_is_hard() -> None:
    found = line(
        answers(1, ANNA, 0, count=1),
        answers(2, BEN, 1, count=2),
        answers(3, ANNA, 1, 1, count=3),
    )
    assert (found.answers, found.flagged) == ({"count": 3}, ("q:count",))


def test_two_branches_from_one_trunk_that_say_the_same_are_no_conflict() -> None:
    found = line(
        answers(1, ANNA, 0, count=1),
        answers(2, BEN, 1, count=2),
        answers(3, ANNA, 1, 1, count=2),
    )
    assert (found.answers, found.flagged) == ({"count": 2}, ())


def test_a_branch_interrupted_by_another_and_gone_on_with_unknowingly_is_hard() -> None:
    """Its first update stood before the other's; its second did not know of the other."""
    found = line(
        answers(1, ANNA, 0, count=1),
        answers(2, ANNA, 0, 1, count=2),
        answers(3, BEN, 2, count=5),
        answers(4, ANNA, 0, 2, count=3),
    )
    assert (found.answers["count"], found.flagged) == (3, ("q:count",))


def test_an_update_that_arrives_before_the_one_it_follows_is_the_later_one() -> None:
    found = line(answers(1, ANNA, 0, 2, count=2), answers(2, ANNA, 0, count=1, dogs=True))
    assert (found.answers, found.flagged) == ({"count": 2, "dogs": True}, ())


def test_an_update_whose_trunk_never_comes_stands_by_itself() -> None:
    found = line(answers(1, ANNA, 0, 77, count=2))
    assert (found.answers, found.flagged) == ({"count": 2}, ())


def test_an_update_sent_as_a_creation_is_taken_as_what_it_says() -> None:
    """A phone that lost its memory names neither version nor its own report before."""
    found = line(answers(1, ANNA, 0, count=1), answers(2, ANNA, 0, count=2))
    assert (found.answers, found.flagged) == ({"count": 2}, ("q:count",))


def test_an_answer_taken_away_against_one_given_is_put_before_a_person() -> None:
    found = line(
        answers(1, ANNA, 0, count=1),
        answers(2, BEN, 1, count=""),
        answers(3, ANNA, 1, 1, count=2),
    )
    assert (found.answers, found.flagged) == ({"count": 2}, ("q:count",))


def test_a_conflict_of_one_persons_answer_touches_nobody_elses() -> None:
    one, two = f"temp@{FATHER}", f"temp@{MOTHER}"
    found = judge(
        [
            report(1, ANNA, "all", answers={one: 36.5, two: 36.6}),
            report(2, BEN, "all", answers={one: 38.1, two: 36.6}),
        ],
        HOME,
    )
    assert found.flagged == (f"q:{one}",)


def test_a_person_resolves_a_conflict_and_what_comes_late_knowing_less_is_flagged_again() -> (
    None
):
    told = [
        answers(1, ANNA, 0, count=1),
        answers(2, BEN, 0, count=2),
        report(3, DESK, base=2, decides=True, answers={"count": 2}),
    ]
    assert line(*told).flagged == ()
    assert line(*told, answers(4, ANNA, 0, 1, count=7)).flagged == ("q:count",)
