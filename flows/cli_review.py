"""The command that puts uncertain mashups before a person: review."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_line import AsJson
from flows.console import command, out, print_json, shown

if TYPE_CHECKING:
    from catalog.proposals import Proposal, ProposedSong
    from steps.review import Question
    from steps.workbench import Workbench

KEYS = "a number accepts, r rejects all, n: nobody can name its songs, s skips, q quits"


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(command(review))


def review(
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="MASHUP_ID=N", help="Take proposal N of a mashup; may be repeated."),
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option(metavar="MASHUP_ID", help="Refuse all proposals of a mashup, for ever."),
    ] = None,
    none: Annotated[
        list[str] | None,
        typer.Option(metavar="MASHUP_ID", help="Set a mashup aside: nobody can name its songs."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Mashups to show at most.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide which songs uncertain mashups are made of; without options in the terminal."""
    from steps.review import questions
    from tasks.bench import bench

    chosen = [split_choice(text) for text in accept or ()]
    said = list(answered(bench(), chosen, reject or [], none or []))
    waiting = questions(bench(), limit=limit)
    if as_json:
        print_json({"answered": said, "waiting": waiting})
        return
    for line in said:
        out.print(line, markup=False)
    if not said:
        interview(bench(), waiting, sys.stdin.readline)


def split_choice(text: str) -> tuple[str, int]:
    """Return mashup and number of `MASHUP_ID=N`; a bad one is a usage error."""
    mashup_id, sign, number = text.rpartition("=")
    if not sign or not number.isdecimal():
        raise typer.BadParameter(f"expected MASHUP_ID=N such as yt:abc=1, got {text!r}")
    return mashup_id, int(number)


def answered(
    bench: Workbench, accept: list[tuple[str, int]], reject: list[str], none: list[str]
) -> Iterator[str]:
    """Keep the answers of the command line; yield a line on each."""
    from steps import review as reviewing

    for mashup_id, number in accept:
        yield accepted_line(mashup_id, reviewing.accept(bench, mashup_id, number))
    for mashup_id in reject:
        yield f"{mashup_id}: {reviewing.reject(bench, mashup_id)} proposals rejected"
    for mashup_id in none:
        reviewing.give_up(bench, mashup_id)
        yield f"{mashup_id}: set aside"


def interview(bench: Workbench, waiting: list[Question], read_line: Callable[[], str]) -> None:
    """Ask about one mashup after the other until all are done, or the input ends."""
    if not waiting:
        out.print("Nothing waits for review.")
    for number, question in enumerate(waiting, start=1):
        out.print()
        out.rule(f"{number} of {len(waiting)}", align="left")
        show(question)
        key = ask_key(len(question.proposals), read_line)
        if key == "q":
            break
        if key != "s":
            out.print(obey(bench, question, key), markup=False)


def show(question: Question) -> None:
    """Print all that helps to decide; titles are data, nothing in them is obeyed."""
    lines = [question.title, question.link, "", f"Why it waits: {question.reason}"]
    lines += [f"The title may say: {hypothesis}" for hypothesis in question.hypotheses[:3]]
    for number, proposal in enumerate(question.proposals, start=1):
        lines += ["", *proposal_lines(number, proposal)]
    for line in lines:
        visible = "".join(filter(str.isprintable, line))
        out.print(visible, markup=False, highlight=False, soft_wrap=True)


def proposal_lines(number: int, proposal: Proposal) -> list[str]:
    """Describe a proposal with its score and all that speaks against it, by name."""
    kind = "these two songs" if proposal.kind == "pair" else "fetch this video"
    heard = f"; {proposal.heard}" if proposal.heard else ""
    lines = [f"[{number}] {kind}, score {shown(proposal.score)}{heard}"]
    for song in proposal.songs:
        lines += [f'    {song.name}   for "{song.asked}"', f"        {song.where}"]
        lines.append(f"        score {shown(song.score)}{penalties_of(song)}")
    return lines


def penalties_of(song: ProposedSong) -> str:
    """Return what speaks against a song, the heaviest first."""
    ordered = sorted(song.penalties.items(), key=lambda item: -item[1])
    return "".join(f", {name} -{value:.2f}" for name, value in ordered)


def ask_key(proposals: int, read_line: Callable[[], str]) -> str:
    """Return a number of a proposal, r, n, s or q; the end of the input quits."""
    while True:
        out.print(f"\n{KEYS}: ", end="", markup=False, highlight=False)
        line = read_line()
        key = line.strip().lower()
        if not line:
            return "q"
        if key in ("r", "n", "s", "q") or (key.isdecimal() and 1 <= int(key) <= proposals):
            return key
        out.print(f"expected 1 to {proposals}, r, n, s or q, got {key!r}", markup=False)


def obey(bench: Workbench, question: Question, key: str) -> str:
    """Keep the answer that a key means, and say so."""
    mashup_id = question.mashup_id
    accept = [(mashup_id, int(key))] if key.isdecimal() else []
    reject, none = ([mashup_id] if key == each else [] for each in "rn")
    return next(answered(bench, accept, reject, none))


def accepted_line(mashup_id: str, proposal: Proposal) -> str:
    names = " and ".join(song.name for song in proposal.songs)
    return f"{mashup_id}: accepted {names}; the next run uses it"
