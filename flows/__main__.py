"""The command line: `python -m flows COMMAND`; `--help` on each tells its options.

Commands import what they need when they run, so that `--help` and `mash` never wait for Prefect.
"""

from __future__ import annotations

import typer

from flows import cli_doctor, cli_ears, cli_line, cli_mash, cli_review, cli_store, cli_upkeep

app = typer.Typer(
    name="flows",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals can hold secrets
    help="Song Masher: collects mashups, learns from them, makes new ones.",
)
for module in (cli_line, cli_ears, cli_review, cli_mash, cli_upkeep, cli_store, cli_doctor):
    module.add_commands(app)

if __name__ == "__main__":
    app(prog_name="python -m flows")
